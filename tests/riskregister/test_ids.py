"""Primary keys that sort by age."""

import time
import uuid
from concurrent.futures import ThreadPoolExecutor

from riskregister.ids import uuid7


def test_it_is_a_uuid_of_version_7_with_the_moment_in_front():
    before = time.time_ns() // 1_000_000
    made = uuid7()

    assert (made.version, made.variant) == (7, uuid.RFC_4122)
    assert before - 1 <= made.int >> 80 <= time.time_ns() // 1_000_000 + 1


def test_keys_of_one_process_ascend_even_within_a_millisecond():
    made = [uuid7() for _ in range(20_000)]

    assert made == sorted(set(made))


def test_threads_never_make_the_same_key():
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda _: uuid7(), range(4000)))

    assert len(set(made)) == 4000


def test_keys_keep_ascending_when_the_clock_goes_back_a_little_and_follow_it_when_it_was_set(monkeypatch):
    moment = time.time_ns() + 60_000_000_000_000
    monkeypatch.setattr(time, "time_ns", lambda: moment)
    first = uuid7()
    monkeypatch.setattr(time, "time_ns", lambda: moment - 5_000_000_000)
    second = uuid7()
    monkeypatch.setattr(time, "time_ns", lambda: moment - 60_000_000_000_000)
    third = uuid7()

    assert first < second
    assert third < first
