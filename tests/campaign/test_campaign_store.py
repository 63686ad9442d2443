"""A store gives back what it was given, and says clearly what is wrong with a file that does not."""

import functools
import importlib
import os
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest
from campaign_tasks import draws, statistics
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays_of

from checks.campaign import Campaign, Store, Task, Work, parts
from checks.campaign.arrays import decode, encode
from checks.campaign.export import export
from checks.campaign.schema import SCHEMA, StoreError
from theory import ProblemError

WORK = Work(draws, {"seed": 1})
shapes = arrays_of.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=4)
numbers = arrays_of.arrays(st.sampled_from([np.bool_, np.int64, np.uint8, np.float64, np.float32]), shapes)


@given(st.dictionaries(st.text(max_size=5), numbers, max_size=3))
def test_arrays_survive_as_bytes(given_arrays):
    found = decode(encode(given_arrays))
    assert found.keys() == given_arrays.keys()
    for name, values in given_arrays.items():
        assert found[name].dtype == values.dtype
        np.testing.assert_array_equal(found[name], values)


def test_a_cut_off_result_and_one_that_holds_no_numbers_are_refused():
    with pytest.raises(ValueError, match=r"announced|buffer"):
        decode(encode({"x": np.arange(4)}) + b"!")
    with pytest.raises(ProblemError, match="not numbers"):
        encode({"x": np.array(["text"])})


@pytest.fixture
def path(tmp_path) -> Path:
    return tmp_path / "store.sqlite"


def fill(path: Path, tasks: int = 8) -> None:
    with Store(path) as store:
        statistics(Campaign(store), WORK, tasks)


def save_many(store: Store, first: int) -> None:
    for replica in range(first, first + 1000):
        store.save(Task(WORK, replica, 1), {"normal": np.full(2000, float(replica))}, 0.0)


def test_results_and_verdicts_come_back_from_the_file(path):
    fill(path)
    with Store(path) as store:
        campaign = Campaign(store)
        again = campaign.collect(parts(WORK, 0, 8, 1))
        assert (campaign.answered, campaign.computed) == (8, 0)
        np.testing.assert_array_equal(again["normal"], draws(WORK.arguments, 0, 8, None)["normal"])
        for status in ("AGREE", "DISAGREE"):
            store.remember("a/b", {"status": status})
        assert store.last_verdicts() == {"a/b": {"status": "DISAGREE"}}
        (work,) = store.works()
        assert (work.replicas, work.tasks, work.description["arguments"]) == (8, 8, {"seed": 1})


def test_identities_depend_on_everything_that_affects_a_result(tmp_path):
    others = [Work(draws, {"seed": 2}), Work(statistics, {"seed": 1}), Work(draws, {"seed": 1}, code="older")]
    assert len({work.identity for work in [WORK, *others]}) == 4
    assert Work(draws, {"seed": 1}).identity == WORK.identity
    with pytest.raises(ProblemError, match="not JSON"):
        Work(draws, {"seed": float("nan")})


def test_arguments_are_what_they_were_when_the_work_was_stated():
    arguments = {"seed": 1, "list": [1, (2, 3)]}
    work = Work(draws, arguments)
    arguments["list"].append(4)
    assert work.arguments == {"seed": 1, "list": [1, [2, 3]]}
    Campaign().collect(parts(Work(forgetful, {"seed": 1}), 0, 2, 1))  # its second task would miss the seed


def forgetful(arguments: dict, first: int, count: int, threads: int | None) -> dict[str, np.ndarray]:
    return {"seed": np.full(count, arguments.pop("seed"))}


def maker(number: int):
    def made(arguments: dict, first: int, count: int, threads: int | None) -> dict[str, np.ndarray]:
        return {"x": np.full(count, number)}

    return made


@pytest.mark.parametrize("function", [maker(3), lambda arguments, first, count, threads: {}, functools.partial(draws)])
def test_what_another_process_could_not_import_is_refused(function):
    with pytest.raises(ProblemError, match="top of a module"):
        Work(function, {})


def test_a_function_that_was_edited_is_not_answered_from_before(tmp_path, monkeypatch):
    text = "import numpy as np\n\ndef one(arguments, first, count, threads):\n    return {'x': np.full(count, 1)}\n"
    file = tmp_path / "edited_study.py"
    file.write_text(text)
    monkeypatch.syspath_prepend(tmp_path)
    module = importlib.import_module("edited_study")
    before = Work(module.one, {}).identity
    file.write_text(text.replace("count, 1", "count, 22"))
    edited = Work(module.one, {}).identity  # the file says 22, what would run still says 1
    importlib.reload(module)
    assert len({before, edited, Work(module.one, {}).identity}) == 3


def test_results_are_the_same_whether_computed_or_kept(path):
    with Store(path) as store:
        one, two = (Campaign(store).collect(parts(Work(odd_arrays, {}), 0, 4, 4)) for _ in range(2))
    for name, values in one.items():
        assert (values.dtype, values.flags.c_contiguous) == (two[name].dtype, True)
        np.testing.assert_array_equal(values, two[name])


def odd_arrays(arguments: dict, first: int, count: int, threads: int | None) -> dict[str, np.ndarray]:
    fortran = np.asfortranarray(np.arange(count * 3.0).reshape(count, 3))
    return {"fortran": fortran, "big": np.arange(count, dtype=">f8"), "list": list(range(count))}


def test_results_of_other_code_are_not_used_and_can_be_forgotten(path):
    older = Work(draws, {"seed": 1}, code="older")
    with Store(path) as store, Store(path) as other:
        store.save(Task(older, 0, 1), {"normal": np.zeros(1)}, 0.0)
        assert store.done(WORK) == set()
        other.save(Task(WORK, 0, 1), {"normal": np.ones(1)}, 0.0)
        assert other.prune(WORK.code) == 1
        store.save(Task(Work(draws, {"seed": 9}), 0, 1), {"normal": np.zeros(1)}, 0.0)
        store.save(Task(older, 0, 1), {"normal": np.full(1, 2.0)}, 0.0)  # its number in the file was forgotten
        assert [work.description["code"] for work in store.works()] == [WORK.code, WORK.code, "older"]
        assert store.load(Task(WORK, 0, 1))["normal"].tolist() == [1.0]
        assert store.damage() == []


def test_a_damaged_result_is_computed_again(path):
    fill(path)
    with sqlite3.connect(path) as database:
        database.execute("UPDATE result SET data = zeroblob(length(data)) WHERE first = 3")
    with Store(path) as store:
        (line,) = store.damage()
        assert "checksum" in line
        campaign = Campaign(store)
        again = campaign.collect(parts(WORK, 0, 8, 1))
        assert (campaign.answered, campaign.computed) == (7, 1)
        np.testing.assert_array_equal(again["normal"], draws(WORK.arguments, 0, 8, None)["normal"])
        assert store.damage() == []


def test_a_file_of_another_kind_is_refused_and_left_alone(path):
    path.write_bytes(b"no database, but a letter of some length " * 100)
    before = path.read_bytes()
    with pytest.raises(StoreError, match="no store of giantstep"):
        Store(path)
    assert path.read_bytes() == before


def test_a_database_of_something_else_is_refused(path):
    with sqlite3.connect(path) as database:
        database.execute("CREATE TABLE things (x)")
    with pytest.raises(StoreError, match="something else"):
        Store(path)


def test_a_newer_schema_is_refused(path):
    fill(path)
    with sqlite3.connect(path) as database:
        database.execute(f"PRAGMA user_version = {SCHEMA + 1}")
    with pytest.raises(StoreError, match=f"schema {SCHEMA + 1}.*use a newer one"):
        Store(path)


def test_a_torn_file_is_one_clear_error_or_a_damage_report(path):
    fill(path, 200)
    data = bytearray(path.read_bytes())
    data[len(data) // 2 :] = os.urandom(len(data) - len(data) // 2)
    path.write_bytes(data)
    try:
        with Store(path) as store:
            assert store.damage()
    except StoreError as error:
        assert "damaged" in str(error)  # noqa: PT017


@pytest.mark.parametrize("place", ["/proc/store.sqlite", "/nowhere/at/all/store.sqlite"])
def test_a_place_that_cannot_be_written_is_one_clear_error(place):
    with pytest.raises(StoreError, match="--store"):
        Store(place)


@pytest.mark.skipif(os.geteuid() == 0, reason="root writes everywhere")
def test_a_read_only_folder_is_one_clear_error(tmp_path):
    tmp_path.chmod(0o500)
    with pytest.raises(StoreError, match="--store"):
        Store(tmp_path / "store.sqlite")


def test_a_full_disk_loses_nothing_that_was_kept(path):
    fill(path)
    with Store(path) as store:
        pages = store._database.execute("PRAGMA page_count").fetchone()[0]
        store._database.execute(f"PRAGMA max_page_count = {pages + 2}")  # SQLite's own word for a full disk
        with pytest.raises(StoreError, match="make room"):
            save_many(store, 100)
    with Store(path) as store:
        assert {(first, 1) for first in range(8)} <= store.done(WORK)
        assert store.damage() == []


def test_a_full_file_system_loses_nothing_that_was_kept(tmp_path):
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=400k", "none", str(tmp_path)], capture_output=True)
    if mounted.returncode:
        pytest.skip("only root may mount a file system to fill; the test above has SQLite refuse in its place")
    try:
        path = tmp_path / "store.sqlite"
        with Store(path) as store, pytest.raises(StoreError, match="make room"):
            save_many(store, 0)
        with Store(path) as store:
            kept = sorted(store.done(WORK))
            assert kept == [(first, 1) for first in range(len(kept))] != []
            assert store.load(Task(WORK, 0, 1))["normal"][0] == 0.0
    finally:
        subprocess.run(["umount", str(tmp_path)], check=True)


def test_a_store_that_another_makes_meanwhile_is_no_stranger(tmp_path, monkeypatch):
    path = tmp_path / "store.sqlite"
    other = threading.Thread(target=lambda: Store(path).close())

    class Slow(sqlite3.Connection):
        """Gives `other` half a second between its first look at the file and the next."""

        def execute(self, *arguments):
            result = super().execute(*arguments)
            if "PRAGMA application_id" in arguments[0] and other.ident is None:
                monkeypatch.undo()
                other.start()
                other.join(0.5)
            return result

    connect = sqlite3.connect
    monkeypatch.setattr(sqlite3, "connect", lambda *given, **named: connect(*given, factory=Slow, **named))
    Store(path).close()
    other.join()
    with Store(path) as store:
        assert store.damage() == []


def test_two_processes_may_write_to_one_store(path):
    script = Path(__file__).with_name("campaign_tasks.py")
    command = [sys.executable, str(script), str(path), "300", "0.001", "0"]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    both = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) for _ in range(2)]
    one, two = (process.communicate(timeout=120)[0] for process in both)
    assert [process.returncode for process in both] == [0, 0]
    assert one.split('"computed"')[0] == two.split('"computed"')[0]
    with Store(path) as store:
        (work,) = store.works()
        assert work.tasks == 300
        assert store.damage() == []


def test_every_replica_is_exported_once_however_runs_cut_the_work(path, tmp_path):
    import xarray

    with Store(path) as store:
        for first, count in ((0, 3), (0, 5), (3, 3), (5, 5), (12, 2)):
            Campaign(store).collect([Task(WORK, first, count)])
        (work,) = store.works()
        assert (work.replicas, work.tasks) == (12, 5)
        (file,) = export(store, tmp_path / "out")
    with xarray.open_dataset(file) as data:
        assert data["replica"].values.tolist() == [*range(10), 12, 13]
        expected = draws(WORK.arguments, 0, 14, None)["normal"][data["replica"].values]
        np.testing.assert_array_equal(data["normal"], expected)


def test_arrays_of_other_widths_are_filled_up_with_zeros(path, tmp_path):
    import xarray

    with Store(path) as store:
        for first, width in ((0, 3), (1, 2)):
            store.save(Task(WORK, first, 1), {"case": np.ones((1, width), np.uint8), "x": np.ones(1)}, 0.0)
        (file,) = export(store, tmp_path / "out")
    with xarray.open_dataset(file) as data:
        assert data["case"].values.tolist() == [[1, 1, 1], [1, 1, 0]]
        assert data["x"].values.tolist() == [1, 1]


def test_names_that_netcdf_cannot_tell_apart_are_numbered(path, tmp_path):
    import xarray

    with Store(path) as store:
        store.save(Task(WORK, 0, 1), {"alpha = +1": np.ones(1), "alpha = -1": np.zeros(1), "\u03b1": np.ones(1)}, 0.0)
        (file,) = export(store, tmp_path / "out")
    with xarray.open_dataset(file) as data:
        titles = {name: data[name].attrs["long_name"] for name in data.data_vars}
        assert titles == {"alpha_1": "alpha = +1", "alpha_1_2": "alpha = -1", "value": "\u03b1"}


def test_export_writes_a_file_for_every_work_that_xarray_reads(path, tmp_path):
    import xarray

    fill(path)
    with Store(path) as store:
        (file,) = export(store, tmp_path / "out")
    with xarray.open_dataset(file) as data:
        np.testing.assert_array_equal(data["normal"], draws(WORK.arguments, 0, 8, None)["normal"])
        assert data.attrs["arguments"] == '{"seed": 1}'
