#include "operation/extract_page.h"

#include <stdlib.h>
#include <string.h>

#include "operation/document.h"
#include "operation/html.h"

const char extract_page_style[] =
    "body{font:16px/1.45 system-ui,sans-serif;max-width:75rem;margin:2rem auto;padding:0 1rem;color:#000;background:"
    "#fff}h1,h2{line-height:1.2;break-after:avoid}dl{display:grid;grid-template-columns:max-content 1fr;gap:.25rem "
    "1rem}dt{font-weight:600}dd{margin:0;overflow-wrap:anywhere}table{border-collapse:collapse;table-layout:fixed;"
    "width:100%}thead{display:table-header-group}th,td{text-align:left;vertical-align:top;padding:.3rem .75rem .3rem "
    "0;border-bottom:1px solid #767676;overflow-wrap:anywhere;hyphens:auto}th:first-child{width:22%}thead th{"
    "border-bottom:2px solid #000}tr{break-inside:avoid}time{white-space:nowrap}small{font-size:.75em;hyphens:manual}"
    ".end{border-top:2px solid #000;padding-top:.5rem;break-before:avoid}@media screen and (max-width:52rem){"
    "dl,table,tbody,tr,td{display:block}dd{margin-bottom:.5rem}thead{display:none}tr{border-bottom:1px solid #767676;"
    "padding:.5rem 0}td{border:0;padding:.1rem 0}td::before{content:attr(data-label) \": \";font-weight:600}}"
    "@page{size:A4 landscape;margin:14mm;@bottom-right{content:counter(page) \" / \" counter(pages);font:8pt "
    "sans-serif}}@media print{body{font-size:9.5pt;max-width:none;margin:0;padding:0}section{break-inside:avoid}}";

/* The columns of the table; on a narrow screen each cell is a line that begins with the name of its column. */
enum column { COLUMN_TIME, COLUMN_ABOUT, COLUMN_AGENCY, COLUMN_WHO, COLUMN_ACTION, COLUMN_GROUND, COLUMNS };

struct extract_page {
    struct arena *arena;
    const json_t *head;
    bool swedish;
    bool several; /* it is about more than one person, so that each row says about whom */
    size_t rows;
};

/* The same in Swedish and in English. */
struct words {
    const char *sv, *en;
};

static void put(const struct extract_page *page, struct buffer *html, struct words words)
{
    html_text(html, page->swedish ? words.sv : words.en);
}

static const struct words column_names[COLUMNS] = {
    [COLUMN_TIME] = {"Datum och tid", "Date and time"},
    [COLUMN_ABOUT] = {"Gäller", "About"},
    [COLUMN_AGENCY] = {"Verksamhet", "Agency"},
    [COLUMN_WHO] = {"Vem (roll)", "Who (role)"},
    [COLUMN_ACTION] = {"Vad som gjordes", "What was done"},
    [COLUMN_GROUND] = {"På vilken grund", "On which ground"},
};

static void open_cell(const struct extract_page *page, struct buffer *html, enum column column)
{
    buffer_put(html, "<td data-label=\"");
    put(page, html, column_names[column]);
    buffer_put(html, "\">");
}

static void put_heading(const struct extract_page *page, struct buffer *html, struct words words)
{
    buffer_put(html, "<h2>");
    put(page, html, words);
    buffer_put(html, "</h2>\n");
}

static void put_paragraph(const struct extract_page *page, struct buffer *html, struct words words)
{
    buffer_put(html, "<p>");
    put(page, html, words);
    buffer_put(html, "</p>\n");
}

/* A name keeps the direction of its letters to itself. */
static void put_name(struct buffer *html, const char *before, const char *name)
{
    if (!name)
        return;
    buffer_put(html, before);
    buffer_put(html, "<bdi>");
    html_text(html, name);
    buffer_put(html, "</bdi>");
}

/* `name` is that of a pair of members, `nameSv` and `nameEn`. */
static const char *in_words(const struct extract_page *page, const json_t *object, const char *sv, const char *en)
{
    return document_text(object, page->swedish ? sv : en, "");
}

static void put_time(struct buffer *html, const json_t *object, const char *exact, const char *local)
{
    buffer_put(html, "<time datetime=\"");
    html_text(html, document_text(object, exact, ""));
    buffer_put(html, "\">");
    html_text(html, document_text(object, local, ""));
    buffer_put(html, "</time>");
}

static void put_term(const struct extract_page *page, struct buffer *html, struct words words)
{
    buffer_put(html, "<dt>");
    put(page, html, words);
    buffer_put(html, "</dt><dd>");
}

static void put_person(const struct extract_page *page, struct buffer *html, const json_t *person)
{
    const char *born = document_text(person, "birthDate", NULL);
    const char *name = document_text(person, "name", NULL);
    put_name(html, "", name);
    if (!name)
        put(page, html, (struct words){"Namnet skrivs inte ut", "The name is not printed"});
    if (born) {
        put(page, html, (struct words){", född ", ", born "});
        html_text(html, born);
    }
    put_name(html, ", ", document_text(person, "organisationName", NULL));
}

static void put_subjects(const struct extract_page *page, struct buffer *html)
{
    const json_t *subjects = json_object_get(page->head, "subjects");
    put_term(page, html, (struct words){"Gäller", "About"});
    for (size_t i = 0; i < json_array_size(subjects); i++) {
        buffer_put(html, i > 0 ? "<br>" : "");
        put_person(page, html, json_array_get(subjects, i));
    }
    if (json_array_size(subjects) == 0)
        put(page, html, (struct words){"Ingen som uppgifter kan visas om", "Nobody about whom anything can be shown"});
    buffer_put(html, "</dd>\n");
}

static void put_recipient(const struct extract_page *page, struct buffer *html)
{
    const char *recipient = document_text(page->head, "recipient", NULL);
    if (!recipient)
        return;
    put_term(page, html, (struct words){"Lämnas till", "Given to"});
    if (strcmp(recipient, "guardian") == 0)
        put(page, html, (struct words){"vårdnadshavare", "guardian"});
    else
        put(page, html, (struct words){"den som uppgifterna gäller", "the one whom it is about"});
    put_name(html, ", ", document_text(page->head, "recipientName", NULL));
    buffer_put(html, "</dd>\n");
}

static void put_period(const struct extract_page *page, struct buffer *html)
{
    put_term(page, html, (struct words){"Period", "Period"});
    put(page, html, (struct words){"från ", "from "});
    if (json_object_get(page->head, "from"))
        put_time(html, page->head, "from", "fromLocal");
    else
        put(page, html, (struct words){"loggens början", "the beginning of the log"});
    put(page, html, (struct words){" till ", " until "});
    put_time(html, page->head, "until", "untilLocal");
    put(page, html, (struct words){" (svensk tid)", " (Swedish time)"});
    buffer_put(html, "</dd>\n");
}

static void put_maker(const struct extract_page *page, struct buffer *html)
{
    put_term(page, html, (struct words){"Framställt", "Made"});
    put_time(html, page->head, "madeAt", "madeAtLocal");
    put_name(html, ", ", document_text(page->head, "madeBy", NULL));
    put_name(html, ", ", document_text(page->head, "organisationName", NULL));
    put_name(html, ", ", document_text(page->head, "unitName", NULL));
    buffer_put(html, "</dd>\n");
    put_term(page, html, (struct words){"Utdragets nummer", "Number of the extract"});
    html_text(html, document_text(page->head, "id", ""));
    buffer_put(html, "</dd>\n");
}

static void put_checkpoint(const struct extract_page *page, struct buffer *html)
{
    const json_t *checkpoint = json_object_get(page->head, "logCheckpoint");
    if (!checkpoint)
        return;
    put_term(page, html, (struct words){"Loggens signerade kontrollpunkt", "Signed checkpoint of the log"});
    html_text(html, document_text(checkpoint, "origin", ""));
    buffer_put(html, ", ");
    buffer_number(html, (long long)json_integer_value(json_object_get(checkpoint, "size")));
    buffer_put(html, ", ");
    html_text(html, document_text(checkpoint, "rootHash", ""));
    buffer_put(html, "</dd>\n");
}

static void put_columns(const struct extract_page *page, struct buffer *html)
{
    buffer_put(html, "<table>\n<thead><tr>");
    for (enum column i = 0; i < COLUMNS; i++) {
        if (i == COLUMN_ABOUT && !page->several)
            continue;
        buffer_put(html, "<th scope=\"col\">");
        put(page, html, column_names[i]);
        buffer_put(html, "</th>");
    }
    buffer_put(html, "</tr></thead>\n<tbody>\n");
}

static void release(void *json)
{
    json_decref(json);
}

struct extract_page *extract_page_create(struct arena *arena, const char *head, bool swedish)
{
    struct extract_page *page = arena_alloc(arena, sizeof(*page));
    json_t *parsed = json_loads(head, 0, NULL);
    if (!parsed)
        abort();
    arena_defer(arena, release, parsed);
    *page = (struct extract_page){.arena = arena,
                                  .head = parsed,
                                  .swedish = swedish,
                                  .several = json_array_size(json_object_get(parsed, "subjects")) > 1};
    return page;
}

void extract_page_open(void *context, struct buffer *html)
{
    const struct extract_page *page = context;
    static const struct words title = {"Utdrag ur åtkomstloggen", "Extract of the access log"};
    const char *number = document_text(page->head, "id", "");
    /* Browsers print the title on each sheet: one that has come loose says where it belongs. */
    html_open(html, page->swedish ? "sv" : "en",
              arena_printf(page->arena, "%s %s", page->swedish ? title.sv : title.en, number), extract_page_style);
    buffer_put(html, "<header>\n<h1>");
    put(page, html, title);
    buffer_put(html, "</h1>\n");
    put_paragraph(
        page, html,
        (struct words){
            "Vem som har läst eller ändrat uppgifter, när och på vilken grund (patientdatalagen "
            "2008:355 8 kap. 5 §, dataskyddsförordningen artikel 15). Det senaste står först, antalet rader sist.",
            "Who has read or changed information, when and on which ground (Patient Data Act "
            "2008:355 8:5, GDPR article 15). The latest comes first, the number of rows last."});
    buffer_put(html, "<dl>\n");
    put_subjects(page, html);
    put_recipient(page, html);
    put_period(page, html);
    put_maker(page, html);
    put_checkpoint(page, html);
    buffer_put(html, "</dl>\n</header>\n<main>\n");
    put_heading(page, html, (struct words){"Händelser", "Events"});
    put_columns(page, html);
}

static const char *name_of(const struct extract_page *page, const char *subject)
{
    const json_t *subjects = json_object_get(page->head, "subjects");
    for (size_t i = 0; i < json_array_size(subjects); i++)
        if (strcmp(document_text(json_array_get(subjects, i), "id", ""), subject) == 0)
            return document_text(json_array_get(subjects, i), "name", NULL);
    return NULL;
}

/* What may not be told looks like what there is none of. */
static void put_cell(const struct extract_page *page, struct buffer *html, enum column column, const char *first,
                     const char *second)
{
    open_cell(page, html, column);
    put_name(html, "", first);
    put_name(html, first ? "<br>" : "", second);
    buffer_put(html, first || second ? "</td>" : "–</td>");
}

static void put_action(const struct extract_page *page, struct buffer *html, const json_t *row)
{
    bool refused = strcmp(document_text(row, "outcome", ""), "denied") == 0;
    open_cell(page, html, COLUMN_ACTION);
    if (refused) {
        buffer_put(html, "<strong>");
        put(page, html, (struct words){"Nekad.", "Refused."});
        buffer_put(html, "</strong> ");
    }
    if (json_is_true(json_object_get(row, "emergency"))) {
        buffer_put(html, "<strong>");
        put(page, html, (struct words){"Nödåtkomst.", "Emergency access."});
        buffer_put(html, "</strong> ");
    }
    html_text(html, in_words(page, row, "actionSv", "actionEn"));
    buffer_put(html, "</td>");
}

static void put_grounds(const struct extract_page *page, struct buffer *html, const json_t *row)
{
    const json_t *grounds = json_object_get(row, "grounds");
    bool staff = strcmp(document_text(row, "role", "party"), "party") != 0;
    open_cell(page, html, COLUMN_GROUND);
    for (size_t i = 0; i < json_array_size(grounds); i++) {
        const json_t *ground = json_array_get(grounds, i);
        buffer_put(html, i > 0 ? "<br>" : "");
        html_text(html, in_words(page, ground, "titleSv", "titleEn"));
        buffer_put(html, " (");
        html_text(html, document_text(ground, "provision", ""));
        buffer_put(html, ")");
    }
    if (json_array_size(grounds) == 0 && staff && strcmp(document_text(row, "outcome", ""), "allowed") == 0)
        put(page, html, (struct words){"Arbete med egna uppgifter", "Work with its own information"});
    else if (json_array_size(grounds) == 0)
        buffer_put(html, "–");
    buffer_put(html, "</td>");
}

bool extract_page_row(void *context, const char *body, struct buffer *html)
{
    struct extract_page *page = context;
    json_t *row = json_loads(body, 0, NULL);
    if (!row)
        return false;
    page->rows++;
    buffer_put(html, "<tr>");
    open_cell(page, html, COLUMN_TIME);
    put_time(html, row, "at", "localTime");
    buffer_put(html, "<br><small>");
    html_text(html, document_text(row, "id", ""));
    buffer_put(html, "</small></td>");
    if (page->several)
        put_cell(page, html, COLUMN_ABOUT, name_of(page, document_text(row, "subjectId", "")), NULL);
    put_cell(page, html, COLUMN_AGENCY, document_text(row, "organisationName", NULL),
             document_text(row, "unitName", NULL));
    put_cell(page, html, COLUMN_WHO, in_words(page, row, "roleNameSv", "roleNameEn"),
             document_text(row, "staffName", NULL));
    put_action(page, html, row);
    put_grounds(page, html, row);
    buffer_put(html, "</tr>\n");
    json_decref(row);
    return true;
}

static void put_explanations(const struct extract_page *page, struct buffer *html)
{
    buffer_put(html, "<section>\n");
    put_heading(page, html, (struct words){"Så läser du utdraget", "How to read it"});
    put_paragraph(
        page, html,
        (struct words){
            "Varje rad är ett tillfälle då någon läste, ändrade eller lämnade ut uppgifter. Grunden är den bestämmelse "
            "som tillät att uppgifter från en annan verksamhet lästes eller lämnades ut; den som arbetar med sin egen "
            "verksamhets uppgifter behöver ingen sådan. Nekad betyder att någon försökte läsa men inte fick, och att "
            "inga uppgifter lämnades. Nödåtkomst betyder att den som läste själv öppnade ärendet därför att det var "
            "brådskande; sådan åtkomst är tidsbegränsad och granskas i efterhand.",
            "Each row is a time when somebody read, changed or disclosed information. The ground is the provision that "
            "allowed another agency's information to be read or disclosed; whoever works with their own agency's "
            "information needs none. Refused means that somebody tried to read and could not, and that nothing was "
            "shown. Emergency access means that the reader opened the case themselves because it was urgent; such "
            "access is limited in time and is reviewed afterwards."});
    buffer_put(html, "</section>\n<section>\n");
    put_heading(page, html, (struct words){"Vad som kan vara utelämnat", "What may be left out"});
    put_paragraph(
        page, html,
        (struct words){
            "Ett utdrag visar bara det som mottagaren får veta enligt offentlighets- och sekretesslagen. Uppgifter kan "
            "vara utelämnade till skydd för ett barn eller någon annan, eller för att en brottsutredning inte ska "
            "störas. Händelser som är äldre än loggens bevarandetid finns inte kvar, och inte heller vad som hände med "
            "uppgifter som har gallrats. Det här står i alla utdrag och säger ingenting om just detta.",
            "An extract shows only what its recipient may know under the Public Access to Information and Secrecy Act. "
            "Information may be left out to protect a child or somebody else, or so that an investigation of crime is "
            "not disturbed. Events older than the log is kept are gone, and so is what happened to information that "
            "has "
            "been culled. This stands in every extract and says nothing about this one."});
    buffer_put(html, "</section>\n<section>\n");
    put_heading(page, html, (struct words){"Frågor", "Questions"});
    put_paragraph(
        page, html,
        (struct words){"Vänd dig till den verksamhet som har framställt utdraget eller som står på raden, och uppge "
                       "radens nummer (under tiden) eller utdragets. Hos verksamhetens dataskyddsombud får du veta mer "
                       "om hur dina uppgifter behandlas. Du kan klaga hos Integritetsskyddsmyndigheten (imy.se).",
                       "Turn to the agency that made the extract or that stands in the row, and give the number of the "
                       "row (below its time) or of the extract. The agency's data protection officer tells you more "
                       "about how your information is processed. You may complain to the Swedish Authority for Privacy "
                       "Protection (imy.se)."});
    buffer_put(html, "</section>\n");
}

void extract_page_close(void *context, struct buffer *html)
{
    const struct extract_page *page = context;
    buffer_put(html, "</tbody>\n</table>\n<p class=\"end\"><strong>");
    put(page, html, (struct words){"Slut på utdraget. Antal rader: ", "End of the extract. Number of rows: "});
    buffer_number(html, (long long)page->rows);
    buffer_put(html, ".</strong> ");
    put(page, html,
        (struct words){"Ett utdrag utan den här raden är inte fullständigt.",
                       "An extract without this line is not complete."});
    buffer_put(html, "</p>\n");
    put_explanations(page, html);
    buffer_put(html, "</main>\n</body>\n</html>\n");
}
