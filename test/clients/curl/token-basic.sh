#!/bin/sh
# Asks for a token with the client's id and secret in the Authorization header. More words go to curl.
exec curl -sS -i -H "Content-Type: application/x-www-form-urlencoded" -X POST \
  "https://$SERVER/${TOKEN_PATH:-web.oauth2/connect/token}" \
  -d "grant_type=client_credentials&scope=${SCOPE:-myid.rest.basic}" \
  -H "Authorization: Basic $(printf %s "$CLIENT_ID:$CLIENT_SECRET" | base64 -w 0)" "$@"
