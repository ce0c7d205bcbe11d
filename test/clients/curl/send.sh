#!/bin/sh
# Sends a body to the API as it is: a method, a path below /rest.core/api, the body, then more words for curl.
method=$1 path=$2 body=$3
shift 3
exec curl -sS -i -X "$method" "https://$SERVER/rest.core/api/$path" -H "Content-Type: application/json" \
  -H "Authorization: Bearer $TOKEN" --data-binary "$body" "$@"
