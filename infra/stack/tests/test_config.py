"""Both Python and Terraform can fill in the templates."""

import re
from string import Template

import pytest
from showdown_stack import config
from showdown_stack.haproxy import PLACES

TEMPLATES = sorted(path.name for path in config.CONFIG.iterdir())


def placeholders(template: str) -> list[str]:
    return sorted(Template((config.CONFIG / template).read_text()).get_identifiers())


def test_there_is_a_template_for_each_part() -> None:
    assert TEMPLATES == ["haproxy-service.cfg", "haproxy.cfg", "pgbouncer.ini", "postgresql.conf"]


@pytest.mark.parametrize("template", TEMPLATES)
def test_a_template_renders_with_its_placeholders(template: str) -> None:
    values = {name: f"<{name}>" for name in placeholders(template)}
    text = config.render(template, **values)
    assert "$" not in text
    assert all(value in text for value in values.values())


@pytest.mark.parametrize(("template", "missing"), [(name, each) for name in TEMPLATES for each in placeholders(name)])
def test_a_placeholder_without_a_value_is_an_error(template: str, missing: str) -> None:
    values = {name: "x" for name in placeholders(template) if name != missing}
    with pytest.raises(KeyError, match=missing):
        config.render(template, **values)


@pytest.mark.parametrize("template", TEMPLATES)
def test_a_template_means_the_same_to_terraform(template: str) -> None:
    text = (config.CONFIG / template).read_text()
    # Only what both understand: Python also has $name and $$, Terraform expressions in ${} and directives in %{}.
    assert "$" not in re.sub(r"\$\{[a-z_]+\}", "", text)
    assert "%{" not in text


def test_haproxy_has_as_many_places_as_the_code_says() -> None:
    assert f"maxconn {PLACES}\n" in (config.CONFIG / "haproxy-service.cfg").read_text()
