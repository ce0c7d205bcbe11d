"""Each fault in a new person has its own answer, and leaves nobody behind."""
import copy
import json

from api import API, refused, session

calls = session()
with open("addperson.json") as f:
    good = json.load(f)
good["logonName"] = "faulty.fred"


def add(change):
    person = copy.deepcopy(good)
    change(person)
    return calls.post(API + "/People?confirm=false", json=person)


refused(
    add(lambda person: person.pop("logonName")),
    400,
    message="Validation problem, the value for 'logonName', is mandatory",
    code="WS30015",
    invalidField="logonName",
    invalidFieldReason="is mandatory",
)
for roles in ([{"id": "Nobody", "scope": "self"}], [{"id": "Cardholder", "scope": "everywhere"}]):
    refused(
        add(lambda person: person.update(roles=roles)),
        400,
        message="Validation problem, the value for 'roles', invalid role specified",
        code="WS30004",
        invalidField="roles",
        invalidFieldReason="invalid role specified",
    )
refused(
    add(lambda person: person["group"].update(id="6F3A1C52-9D0B-4B7E-8C11-2E5D7A904C33")),
    404,
    message="The item referenced was not found",
    code="WS40005",
)
refused(
    add(lambda person: person.update(name={"title": "Ms"})),
    400,
    message="Validation problem, the value for 'name.first', 'First Name' or 'Last Name' must be provided",
    code="WS30017",
    invalidField="name.first",
    invalidFieldReason="'First Name' or 'Last Name' must be provided",
)
taken = add(lambda person: person.update(logonName="SUSAN.Smith"))
assert taken.status_code == 400, taken.text
assert (taken.json()["code"], taken.json()["invalidField"]) == ("WS39001", "logonName"), taken.text

unreadable = calls.post(API + "/People", data="{'name': {", headers={"Content-Type": "application/json"})
assert (unreadable.status_code, unreadable.json()["code"]) == (400, "WS30001"), unreadable.text

left = calls.get(API + "/People?logonName=faulty.fred")
assert (left.status_code, left.json()["results"]) == (200, []), left.text
