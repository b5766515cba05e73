import hashlib

import pytest

from wheelpin.digests import sha256_of_bytes


@pytest.mark.parametrize("size_bytes", [0, 1, 63, 64, 1024 * 1024 - 1, 1024 * 1024, 1024 * 1024 + 1])
def test_digest_is_that_of_hashlib(size_bytes: int) -> None:
    data = bytes(range(256)) * (size_bytes // 256 + 1)
    assert sha256_of_bytes(data[:size_bytes]) == hashlib.sha256(data[:size_bytes]).hexdigest()
