"""An account whose role allows nothing is told so, everywhere."""
from api import API, NO_ACCESS, refused, session

calls = session("myid.powerless")
susan = {"logonName": "someone", "name": {"first": "Some"}, "group": {"id": "00000000-0000-4000-8000-000000000000"}}

for response in (
    calls.get(API + "/Groups?q=*"),
    calls.get(API + "/People?q=*"),
    calls.get(API + "/reports/290015?page=1"),
    calls.post(API + "/People?confirm=false", json=susan),
):
    refused(response, 403, message=NO_ACCESS, code="WS50000")
