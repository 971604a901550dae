"""The tags and projects of the fake provider."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import StringConstraints

from lab.fake_api_account import (
    Account,
    Body,
    Handler,
    Json,
    TagName,
    find,
    new_id,
    now,
    page,
    require,
    require_new_name,
)

# The provider changes a purpose that is not on this list.
PURPOSES = ("Website or blog", "Web Application", "Service or API", "Operational / Developer tooling")
Description = Annotated[str, StringConstraints(max_length=255)]


class TagRequest(Body):
    name: TagName


class ProjectRequest(Body):
    name: Annotated[str, StringConstraints(min_length=1, max_length=175)]
    purpose: Description
    description: Description = ""
    environment: Literal["Development", "Staging", "Production"] = "Development"


class ProjectUpdate(Body):
    name: str | None = None
    purpose: Description | None = None
    description: Description | None = None
    environment: Literal["Development", "Staging", "Production"] | None = None
    is_default: Literal[False] | None = None


class Assignment(Body):
    resources: list[Annotated[str, StringConstraints(pattern=r"^do:(droplet:\d+|dbaas:[0-9a-f-]{36})$")]]


def create_tag(account: Account, _: Mapping[str, str], body: Any) -> tuple[int, Json]:
    name = TagRequest.model_validate(body).name
    account.tags.add(name)
    return 201, {"tag": tag_as_json(account, name)}


def read_tag(account: Account, path: Mapping[str, str], _: Any) -> tuple[int, Json]:
    require(path["name"] in account.tags, f"there is no tag {path['name']}", status=404)
    return 200, {"tag": tag_as_json(account, path["name"])}


def delete_tag(account: Account, path: Mapping[str, str], _: Any) -> tuple[int, None]:
    require(path["name"] in account.tags, f"there is no tag {path['name']}", status=404)
    account.tags.remove(path["name"])
    for thing in [*account.droplets.values(), *account.databases.values(), *account.firewalls.values()]:
        thing["tags"] = [tag for tag in thing["tags"] if tag != path["name"]]
    return 204, None


def tag_as_json(account: Account, name: str) -> Json:
    droplets = sum(name in droplet["tags"] for droplet in account.droplets.values())
    databases = sum(name in cluster["tags"] for cluster in account.databases.values())
    counts = {"droplets": droplets, "databases": databases, "images": 0, "volumes": 0, "volume_snapshots": 0}
    resources: Json = {kind: {"count": count} for kind, count in counts.items()}
    return {"name": name, "resources": {"count": droplets + databases, **resources}}


def create_project(account: Account, _: Mapping[str, str], body: Any) -> tuple[int, Json]:
    request = ProjectRequest.model_validate(body)
    require_new_name(account.projects, request.name)
    project = {**request.model_dump(), "id": new_id(), "is_default": False, "owner_id": 1, "owner_uuid": new_id()}
    project.update(purpose=purpose_as_kept(request.purpose), created_at=now(), updated_at=now())
    account.projects[project["id"]] = project
    return 201, {"project": project}


def read_project(account: Account, path: Mapping[str, str], _: Any) -> tuple[int, Json]:
    return 200, {"project": account.projects[project_id(account, path)]}


def update_project(account: Account, path: Mapping[str, str], body: Any) -> tuple[int, Json]:
    project = account.projects[project_id(account, path)]
    changes = ProjectUpdate.model_validate(body).model_dump(exclude_none=True)
    project.update(changes, updated_at=now())
    project["purpose"] = purpose_as_kept(project["purpose"])
    return 200, {"project": project}


def delete_project(account: Account, path: Mapping[str, str], _: Any) -> tuple[int, None]:
    uuid = project_id(account, path)
    # The provider tries again after these words (digitalocean/project/resource_project.go).
    is_empty = uuid not in account.assigned.values() and not account.is_being_left(uuid)
    require(is_empty, "cannot delete a project with resources", status=412)
    require(uuid != account.default_project, "the default project cannot be deleted", status=403)
    del account.projects[uuid]
    return 204, None


def list_resources(account: Account, path: Mapping[str, str], _: Any) -> tuple[int, Json]:
    uuid = project_id(account, path)
    return 200, page([assignment(urn, "ok") for urn, holder in account.assigned.items() if holder == uuid], "resources")


def assign_resources(account: Account, path: Mapping[str, str], body: Any) -> tuple[int, Json]:
    """Resources that do not exist are reported in the answer; the request is not refused."""
    uuid = project_id(account, path)
    answers = []
    for urn in Assignment.model_validate(body).resources:
        known = urn in account.assigned
        if known:
            account.assigned[urn] = uuid
        answers.append(assignment(urn, "assigned" if known else "not_found"))
    return 200, {"resources": answers}


def project_id(account: Account, path: Mapping[str, str]) -> str:
    """The project that a path names. "default" stands for the account's first one."""
    uuid: str = find(account.projects, account.default_project if path["id"] == "default" else path["id"])["id"]
    return uuid


def purpose_as_kept(purpose: str) -> str:
    return purpose if purpose in PURPOSES else f"Other: {purpose.removeprefix('Other: ')}"


def assignment(urn: str, status: str) -> Json:
    return {"urn": urn, "assigned_at": now(), "links": {"self": ""}, "status": status}


HANDLERS: dict[str, Handler] = {
    "POST /v2/tags": create_tag,
    "GET /v2/tags/{name}": read_tag,
    "DELETE /v2/tags/{name}": delete_tag,
    "POST /v2/projects": create_project,
    "GET /v2/projects/{id}": read_project,
    "PATCH /v2/projects/{id}": update_project,
    "DELETE /v2/projects/{id}": delete_project,
    "GET /v2/projects/{id}/resources": list_resources,
    "POST /v2/projects/{id}/resources": assign_resources,
}
