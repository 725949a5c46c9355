"""A local stand-in for Artifact Hub and the Helm repository behind it, for tests; it misbehaves on request.

In a test (everything in this process, on a free port of 127.0.0.1):

    from testbed.catalogue import Catalogue, Fault

    with Catalogue(charts_dir) as c:            # charts_dir: any folder of chart archives (*.tgz)
        c.hub_url                               # http://127.0.0.1:PORT/api/v1   (Artifact Hub's API)
        c.repo_url                              # http://127.0.0.1:PORT/charts   (index.yaml and archives)
        c.faults(hub=["429"])                   # from now on; c.faults() heals everything
        c.faults(hub=[Fault("503", times=2)], repo=["slow=0.5"])
        c.faults(hub=[Fault("500", path="/values")])
        c.requests()["hub package"]             # how often that route was asked
        c.log()                                 # each request: method, target, status, headers
        c.max_in_flight()                       # most requests under way at once
        c.forget_requests()
        c.package_id("tyk-oss")                 # the stable UUID the hub gives it
        c.reload()                              # charts were added to the folder

As a program:

    python -m testbed.catalogue --charts DIR [--port N] [--fault hub:429] [--gateway-of 5.3.0=v5.13.1]

prints one line of JSON (`url`, `hub_url`, `repo_url`, `pid`) when it is ready and serves until SIGTERM or
SIGINT; then `POST /-/faults` takes `{"hub": [...], "repo": [...]}`, `GET /-/requests` counts,
`DELETE /-/requests` starts the count afresh and `POST /-/reload` reads the folder again.

Charts: name, version and files are read from the archives; publish dates come from an index.yaml in the
folder where it knows the version, else from the archive's mtime. `gateway_of` ({chart version: tag}) states
another gateway image tag in `containers_images` than the default values say. Routes and headers are those
recorded from a real server.

Faults are named in `FAULTS` (`testbed/catalogue/faults.py` says what each does and its argument). An entry of
a list is a name ("429"), a name with its argument ("slow=0.5"), a `Fault`, or the same as a JSON object
({"name": "503", "times": 2, "path": "/values"}). `times` ends a fault after so many requests, `path` limits
it to targets that contain the text; both are for faults of the answer, not of the listing. Of several faults
of the answer, the first that applies is used.
"""

from testbed.catalogue.faults import FAULTS, Fault
from testbed.catalogue.server import Catalogue

__all__ = ["FAULTS", "Catalogue", "Fault"]
