#!/bin/sh
# Asks for a token with the client's id and secret in the body. More words go to curl.
exec curl -sS -i -X POST "https://$SERVER/web.oauth2/connect/token" \
  -d "grant_type=client_credentials" -d "scope=${SCOPE:-myid.rest.basic}" \
  -d "client_id=$CLIENT_ID" --data-urlencode "client_secret=$CLIENT_SECRET" "$@"
