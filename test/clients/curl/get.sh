#!/bin/sh
# Reads something of the API: a path below /rest.core/api, then whatever curl should know besides.
path=$1
shift
exec curl -sS -i -X GET "https://$SERVER/rest.core/api/$path" -H "Authorization: Bearer $TOKEN" "$@"
