"""The recorder's file is served as it is on disk, and named by its content."""

import gzip
import os

import pytest

from collector.recorder import RecorderFile


def test_a_file_is_read_with_its_tag_and_compressed_form(tmp_path):
    path = tmp_path / "recorder.js"
    path.write_bytes(b"record()")
    script = RecorderFile(path).read()
    assert script.content == b"record()"
    assert gzip.decompress(script.gzipped) == b"record()"
    again = RecorderFile(path).read()
    assert (again.etag, again.gzipped) == (script.etag, script.gzipped)


def test_a_changed_file_is_read_again(tmp_path):
    path = tmp_path / "recorder.js"
    path.write_bytes(b"old")
    file = RecorderFile(path)
    old = file.read()
    assert file.read() is old
    path.write_bytes(b"new")
    os.utime(path, ns=(1, 1))
    assert file.read().content == b"new"
    assert file.read().etag != old.etag


def test_without_a_file_the_reason_is_said(tmp_path):
    with pytest.raises(FileNotFoundError, match="configured"):
        RecorderFile(None).read()
    with pytest.raises(FileNotFoundError, match="not built"):
        RecorderFile(tmp_path / "recorder.js").read()
