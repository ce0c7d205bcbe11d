"""How far a role reaches: the own record, the own group, that and all below it. Everything else is not there."""
from api import API, NO_ACCESS, refused, session


def people(calls):
    response = calls.get(API + "/People?q=*")
    assert response.status_code == 200, response.text
    return {person["logonName"]: person["id"] for person in response.json()["results"]}


everyone = people(session())
reach = {
    "myid.self": {"api.self"},
    "myid.department": {"api.self", "api.department", "api.division", "fiona"},
    "myid.division": {"api.self", "api.department", "api.division", "fiona", "paul"},
}
for client, expected in reach.items():
    calls = session(client)
    seen = people(calls)
    expected = expected | ({"susan.smith"} & set(everyone) if client != "myid.self" else set())
    assert set(seen) == expected, (client, seen)
    outside = everyone["hanna"]
    refused(calls.get(API + "/People/" + outside), 403, message=NO_ACCESS, code="WS50000")
    assert calls.get(API + "/People?logonName=hanna").json()["results"] == []
