from __future__ import annotations

import pytest
from django.http import HttpResponse

from project.csp import HEADER, ContentSecurityPolicyMiddleware


def answer(rf, **given):
    return ContentSecurityPolicyMiddleware(lambda request: HttpResponse(**given))(rf.get("/"))


def test_the_policy_allows_files_of_the_site_alone(rf):
    policy = answer(rf)[HEADER]
    assert "default-src 'self'; script-src 'self'; style-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy


def test_a_view_may_have_a_policy_of_its_own(rf):
    assert answer(rf, headers={HEADER: "sandbox"})[HEADER] == "sandbox"


@pytest.mark.parametrize(("debug", "status"), [(True, 200), (True, 403), (False, 404), (False, 500)])
def test_errors_have_it_too(rf, settings, debug, status):
    settings.DEBUG = debug
    assert HEADER in answer(rf, status=status)


@pytest.mark.parametrize("status", [404, 500])
def test_djangos_pages_for_developers_do_without(rf, settings, status):
    settings.DEBUG = True
    assert HEADER not in answer(rf, status=status)
