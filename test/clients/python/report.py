"""Follows the next links of the audit report to their end while the audit goes on, and writes what it saw to seen.json."""
import json

from api import API, session

calls = session()
group = calls.get(API + "/Groups?q=Human*").json()["results"][0]["id"]


def add(logon_name):
    person = {"logonName": logon_name, "name": {"first": "Audited"}, "group": {"id": group}}
    response = calls.post(API + "/People?confirm=false", json=person)
    assert response.status_code == 200, response.text


for number in range(110):
    add("audited.%d" % number)

rows, pages, href = [], 0, "reports/290015?page=1"
while href:
    response = calls.get(API + "/" + href)
    assert response.status_code == 200, response.text
    page = response.json()
    pages += 1
    rows += page["results"]
    assert len(page["results"]) <= 50, len(page["results"])
    # Something happens between two pages, as it does in life.
    add("meanwhile.%d" % pages)
    following = [link for link in page["links"] if link["op"] == "nextPage"]
    if pages == 1:
        assert following == [
            {
                "op": "nextPage",
                "cat": "page",
                "desc": "Next Page of Results",
                "verb": "GET",
                "href": "reports/290015?page=2&order_by=-UTCStartTime",
            }
        ], following
    href = following[0]["href"] if following else None

assert pages >= 3, "too little to page through: %d" % pages
ids = [row["id"] for row in rows]
assert len(set(ids)) == len(ids), "a row came twice"
times = [row["UTCStartTime"] for row in rows]
assert times == sorted(times, reverse=True), "the rows are not in order"

past_the_end = calls.get(API + "/reports/290015?page=%d" % (pages + 1000))
assert (past_the_end.status_code, past_the_end.json()["results"]) == (200, []), past_the_end.text
for bad in ("0", "-1", "1.5", "x"):
    response = calls.get(API + "/reports/290015?page=" + bad)
    assert (response.status_code, response.json()["code"]) == (400, "WS30001"), (bad, response.text)

with open("seen.json", "w") as f:
    json.dump({"ids": ids, "newest": times[0]}, f)
