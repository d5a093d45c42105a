"""How `make site` builds these pages: read and searched from the disk, nothing loaded from elsewhere."""

project = "News corpus collector"
root_doc = "README"
extensions = ["myst_parser", "sphinx_external_toc"]
external_toc_path = "_toc.yml"
myst_enable_extensions = ["colon_fence"]
myst_heading_anchors = 3
# README, CONTRIBUTING and code lie beside docs/; whether such links hold is tested with the other links of these pages.
suppress_warnings = ["myst.xref_missing"]
html_theme = "furo"
html_title = project
html_copy_source = False
html_show_sphinx = False
