#!/usr/bin/env bash
# Rules of this house that no other tool knows, over the C files given.
set -uo pipefail
export LC_ALL=C.UTF-8
status=0

complain() {
    echo "$1"
    status=1
}

# forbid PATTERN WHY FILE...: complains of every line that matches.
forbid() {
    local pattern=$1 why=$2 found
    shift 2
    [ $# -gt 0 ] || return 0
    found=$(grep -nHE "$pattern" "$@") && complain "$found"$'\n'"  ^ $why"
}

# only_in FOLDER HEADER FILE...: the library's header may be included in that folder alone.
only_in() {
    local folder=$1 header=$2 others=() file
    shift 2
    for file in "$@"; do
        [[ $file == src/* && $file != "$folder"/* ]] && others+=("$file")
    done
    forbid "#include <$header>" "only $folder may include $header" "${others[@]}"
}

for file in "$@"; do
    lines=$(wc -l <"$file")
    [ "$lines" -le 600 ] || complain "$file: $lines lines; a file is one idea and never over 600 lines"
done
forbid '^.{121,}$' "at most 120 columns" "$@"
forbid $'\t' "four spaces, no tabs" "$@"
forbid ' +$' "no space at the end of a line" "$@"
forbid '\b(TODO|FIXME|XXX|HACK)\b' "finish it or file an issue" "$@"
forbid '^#if 0' "no dead code" "$@"
forbid '^typedef struct' "struct thing, without typedef" "$@"
forbid '\b(strtok|localtime|gmtime|asctime|ctime|rand|srand|inet_ntoa|gethostbyname|getpwnam|setenv|putenv|readdir)\(' \
    "not safe where threads run" "$@"
only_in src/db libpq-fe.h "$@"
only_in src/auth jwt.h "$@"
only_in src/http ulfius.h "$@"
only_in src/http microhttpd.h "$@"
exit $status
