"""Sphinx settings of the documentation: `sphinx-build -W -b html docs OUT`."""

import os
import sys
import tempfile
from importlib import metadata
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE.parent), str(HERE / "_ext")]
# Notebooks run in processes of their own: on the code that is documented, and without a user's store.
os.environ["PYTHONPATH"] = os.pathsep.join([str(HERE.parent), os.environ.get("PYTHONPATH", "")]).rstrip(os.pathsep)
os.environ["XDG_DATA_HOME"] = tempfile.mkdtemp(prefix="giantstep-docs-")
os.environ["NO_COLOR"] = "1"

project = "giantstep"
author = "The giantstep authors"
copyright = author
try:
    release = metadata.version("giantstep")
except metadata.PackageNotFoundError:
    release = "development version"

extensions = ["myst_nb", "sphinx.ext.autodoc", "accessible", "api", "bibliography", "mathml", "pages", "registry"]
exclude_patterns = ["_build", "figures/README.md"]
source_suffix = {".md": "myst-nb"}

myst_enable_extensions = ["amsmath", "deflist", "dollarmath"]
myst_dmath_double_inline = True  # in list items, as in the notes
myst_heading_anchors = 3
nb_execution_mode = "cache"
nb_execution_raise_on_error = True
nb_execution_timeout = 120
nb_merge_streams = True

autodoc_member_order = "bysource"
autodoc_typehints_format = "short"
python_use_unqualified_type_names = True

html_theme = "furo"
html_title = "giantstep"
html_math_renderer = "mathml"
html_copy_source = False
html_theme_options = {"navigation_with_keys": True}
html_static_path = ["_static"]
html_css_files = ["giantstep.css"]


def setup(app):
    """Keep executed notebooks in the output folder."""
    app.connect(
        "config-inited",
        lambda app, config: setattr(config, "nb_execution_cache_path", str(Path(app.outdir) / ".jupyter_cache")),
        priority=1,
    )
