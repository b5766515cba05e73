"""A bundle as a data function ships it, a hundred times smaller."""

from pathlib import Path

from msgspec.structs import replace

from tests.bundle.laying import laid_out, wheel_of
from wheelpin.bundle.layout import made_file
from wheelpin.bundle.tree import Tree

_KILOBYTE = 1_000
_WHEELS = {
    "numpy": {
        "numpy.libs/libopenblas.so": 246,
        "numpy/_core/_multiarray_umath.so": 102,
        "numpy/_core/tests/test_multiarray.py": 37,
        "numpy/_core/include/numpy/ndarraytypes.h": 7,
        "numpy/linalg/_umath_linalg.so": 23,
        "numpy/random/mtrand.so": 41,
        "numpy/lib/function_base.py": 18,
        "numpy/__init__.py": 2,
    },
    "pandas": {
        "pandas/_libs/algos.so": 121,
        "pandas/_libs/groupby.so": 76,
        "pandas/core/frame.py": 63,
        "pandas/tests/test_frame.py": 155,
        "pandas/io/excel.py": 21,
        "pandas/__init__.py": 1,
    },
    "botocore": {
        "botocore/data/ec2/service-2.json": 118,
        "botocore/data/endpoints.json": 44,
        "botocore/client.py": 8,
        "botocore/vendored/six.py": 3,
    },
    "pyarrow": {"pyarrow/libarrow.so": 410, "pyarrow/include/arrow.h": 19, "pyarrow/lib.so": 34},
    "boto3": {"boto3/data/resources.json": 6, "boto3/session.py": 2},
    "pytz": {"pytz/zoneinfo/Europe/Berlin": 5, "pytz/__init__.py": 4},
    "python-dateutil": {"dateutil/parser/_parser.py": 6, "dateutil/tz/tz.py": 5},
    "six": {"six.py": 2},
    "urllib3": {"urllib3/connectionpool.py": 4, "urllib3/util/ssl_.py": 3},
    "jmespath": {"jmespath/parser.py": 2},
    "s3transfer": {"s3transfer/manager.py": 3, "s3transfer/crt.py": 3},
    "typing-extensions": {"typing_extensions.py": 12},
}
"""Kilobytes by path; those of the files of real wheels are about a hundred times as many."""


def data_function(folder: Path) -> Tree:
    """Lay the wheels out, with two files of the user's."""
    wheels = [
        wheel_of(
            folder, name, {path: f"{path}\n" * (size * _KILOBYTE // (len(path) + 1)) for path, size in files.items()}
        )
        for name, files in _WHEELS.items()
    ]
    tree = laid_out(*wheels)
    own = (
        made_file("handler.py", "your files", b"import pandas\n" * 80),
        made_file('templates/a <b> & "c".html', "your files", b"<p>" * 700),
    )
    return replace(tree, files=tuple(sorted((*tree.files, *own), key=lambda file: file.path)))
