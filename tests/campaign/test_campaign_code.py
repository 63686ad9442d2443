"""Digests of somebody else's code: they change with whatever would be run, and with nothing else."""

import importlib
import os
import subprocess
import sys

import pytest

from checks.campaign.code import file_digest, own_code

STUDY = """
from functools import cache, cached_property

{helper}


class Other:
    pass


def one(arguments, first, count, threads):
    return {{}}
"""
HELPERS = {
    "a function": "def helper():\n    return NUMBER",
    "a default": "def helper(x=NUMBER):\n    return x",
    "a keyword's default": "def helper(*, x=NUMBER):\n    return x",
    "a decorated function": "@cache\ndef helper():\n    return NUMBER",
    "a method": "class Kind:\n    def helper(self):\n        return NUMBER",
    "a method of an inner class": "class Kind:\n    class Inner:\n        def helper(self):\n            return NUMBER",
    **{
        kind: f"class Kind:\n    @{kind}\n    def helper(self):\n        return NUMBER"
        for kind in ("property", "cached_property", "staticmethod", "classmethod")
    },
}


@pytest.mark.parametrize("helper", HELPERS.values(), ids=HELPERS)
def test_what_was_edited_and_not_imported_again_is_not_taken_for_the_new(tmp_path, monkeypatch, helper):
    """Though it is another function that changed, or one of a class, and the file says the same in both cases."""
    text = STUDY.format(helper=helper)
    file = tmp_path / "helped_study.py"
    file.write_text(text.replace("NUMBER", "1"))
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "helped_study", raising=False)
    module = importlib.import_module("helped_study")
    before = own_code(module.one), file_digest(module.Other)
    file.write_text(text.replace("NUMBER", "22"))
    edited = own_code(module.one), file_digest(module.Other)
    module = importlib.reload(module)
    assert len({*before, *edited, own_code(module.one), file_digest(module.Other)}) == 3  # both are of the module


def test_names_for_one_class_and_objects_that_answer_to_any_name_do_no_harm(tmp_path, monkeypatch):
    text = """
class Kind:
    def __getattr__(self, name):
        raise KeyError(name)

Kind.Kind = Again = Kind
thing = Kind()

def one(arguments, first, count, threads):
    return {}
"""
    (tmp_path / "odd_study.py").write_text(text)
    monkeypatch.syspath_prepend(tmp_path)
    assert own_code(importlib.import_module("odd_study").one)


def test_a_digest_does_not_depend_on_the_order_of_sets(tmp_path):
    names = [f"name {i}" for i in range(20)]
    (tmp_path / "set_study.py").write_text(
        f"def one(arguments, first, count, threads, known=(frozenset({names}), 1)):\n"
        f"    return {{'x': [arguments['name'] in {{{', '.join(map(repr, names))}}}] * count}}\n"
    )
    script = "from set_study import one; from checks.campaign.code import own_code; print(own_code(one))"
    path = os.pathsep.join([str(tmp_path), *sys.path])
    digests = []
    for seed in ("1", "2"):
        environment = {**os.environ, "PYTHONPATH": path, "PYTHONHASHSEED": seed}
        done = subprocess.run([sys.executable, "-c", script], env=environment, capture_output=True, check=True)
        digests.append(done.stdout)
    assert digests[0] == digests[1]
