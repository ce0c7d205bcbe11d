#!/bin/sh
# Verifies the signature of $TOKEN with nothing but curl and openssl: the key whose kid the token names, from jwks_uri.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# base64url, without its padding, to bytes
decode() {
  text=$(tr -- '-_' '+/')
  while [ $((${#text} % 4)) -ne 0 ]; do text="$text="; done
  printf %s "$text" | base64 -d
}
hex() { decode | od -An -v -tx1 | tr -d ' \n'; }
# The text of one member of a JSON object on standard input
member() { tr -d ' \n' | sed -n "s/.*\"$1\":\"\([^\"]*\)\".*/\1/p"; }

header=${TOKEN%%.*}
signed=${TOKEN%.*}
kid=$(printf %s "$header" | decode | member kid)
[ "$(printf %s "$header" | decode | member alg)" = RS256 ]

jwks_uri=$(curl -sS "https://$SERVER/web.oauth2/.well-known/openid-configuration" | member jwks_uri)
curl -sS "$jwks_uri" | tr -d ' \n' | sed 's/},{/}\n{/g' | grep -F "\"kid\":\"$kid\"" >"$work/key.json"

cat >"$work/key.cnf" <<END
asn1=SEQUENCE:info
[info]
algorithm=SEQUENCE:algorithm
key=BITWRAP,SEQUENCE:key
[algorithm]
algorithm=OID:rsaEncryption
parameters=NULL
[key]
n=INTEGER:0x$(member n <"$work/key.json" | hex)
e=INTEGER:0x$(member e <"$work/key.json" | hex)
END
openssl asn1parse -genconf "$work/key.cnf" -noout -out "$work/key.der"
printf %s "$signed" >"$work/signed"
printf %s "${TOKEN##*.}" | decode >"$work/signature"

verify() { openssl dgst -sha256 -verify "$work/key.der" -keyform DER -signature "$work/signature" "$1"; }
verify "$work/signed"
# It can also say no.
printf %s "${signed}x" >"$work/changed"
! verify "$work/changed"
