/* Writes HTML: text that cannot become markup, and how every page of ours begins. */
#ifndef SAMSYN_OPERATION_HTML_H
#define SAMSYN_OPERATION_HTML_H

#include "operation/buffer.h"

/* Adds UTF-8 as text, or as the value of an attribute in double quotes. What would be markup is escaped; control
 * characters, and those that turn the direction of what follows (Unicode UAX 9), become U+FFFD. */
void html_text(struct buffer *html, const char *text);
void html_part(struct buffer *html, const char *text, size_t length);

/* Adds the document's beginning up to and with the opening tag of its body. `style` is CSS and needs no escape. */
void html_open(struct buffer *html, const char *language, const char *title, const char *style);

/* The Content-Security-Policy of a page that loads nothing, runs nothing, and whose one style element is `style`, named
 * by its hash. Lent. */
const char *html_policy(struct arena *arena, const char *style);

#endif
