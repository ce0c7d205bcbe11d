"""People are found by their logon name, by parts of their names, and by id in either letter case."""
import uuid

from api import API, session

calls = session()


def results(query):
    response = calls.get(API + "/People", params=query)
    assert response.status_code == 200, (query, response.text)
    return response.json()["results"]


(susan,) = results({"logonName": "susan.smith"})
assert susan["id"] == str(uuid.UUID(susan["id"])).upper(), susan
assert susan == {
    "id": susan["id"],
    "logonName": "susan.smith",
    "firstName": "Susan",
    "surname": susan["surname"],
    "groupName": "Finance",
    "Enabled": "Yes",
    "href": "people/" + susan["id"],
}, susan
assert results({"logonName": "SUSAN.SMITH"}) == [susan]
assert results({"logonName": "nobody"}) == []
assert susan in results({"q": "sus"})
assert susan in results({"q": "*"}) and susan in results({"q": ""}) and susan in results({})
assert results({"q": "sus nosuchword"}) == []

for name in (susan["id"], susan["id"].lower()):
    response = calls.get(API + "/People/" + name)
    assert response.status_code == 200, response.text
    person = response.json()
    assert person["id"] == susan["id"] and person["name"]["first"] == "Susan", person
    assert person["name"]["fullName"] == "Susan " + susan["surname"], person
    assert person["group"]["name"] == "Finance" and person["enabled"] == "1", person
    assert [(role["name"], role["scope"]) for role in person["roles"]] == [("Cardholder", "self")], person
    assert person["personal"]["dateOfBirth"] == "1970-01-01" and person["employeeId"] == "11223344", person
    assert person["account"]["upn"] == "susan.smith@example.com", person
    assert isinstance(person["links"], list), person

for name, status, code in (
    ("not-a-guid", 400, "WS30001"),
    (str(uuid.uuid4()), 404, "WS40005"),
):
    response = calls.get(API + "/People/" + name)
    assert (response.status_code, response.json()["code"]) == (status, code), response.text
