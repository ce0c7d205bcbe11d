"""A token is good for as long as it said, and then for nothing: 401 with an empty body."""
import time

import jwt
import requests

from api import API, fetch_token

token = fetch_token("myid.shortlived")
claims = jwt.decode(token, options={"verify_signature": False})
assert claims["exp"] - claims["iat"] == 2, claims


def ask():
    return requests.get(API + "/Groups?q=*", headers={"Authorization": "Bearer " + token})


assert ask().status_code == 200
deadline = time.monotonic() + 30
while ask().status_code == 200:
    assert time.monotonic() < deadline, "the token never ends"
    time.sleep(0.1)

assert time.time() >= claims["exp"], "it ended before its time"
late = ask()
assert late.status_code == 401, late.status_code
assert late.content == b"", late.content
assert late.headers["WWW-Authenticate"].startswith("Bearer"), late.headers

for worthless in ("Bearer nonsense", "Bearer " + token[:-8] + "AAAAAAAA", "Basic bm9ib2R5OnNlY3JldA==", "Bearer"):
    response = requests.get(API + "/Groups?q=*", headers={"Authorization": worthless})
    assert (response.status_code, response.content) == (401, b""), (worthless, response.status_code, response.text)
response = requests.get(API + "/Groups?q=*")
assert (response.status_code, response.content) == (401, b""), (response.status_code, response.text)
