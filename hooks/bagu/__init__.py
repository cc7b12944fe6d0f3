"""The engine of Bagu Lab: articles whose snippets are executed and checked while the site is built.

The package knows no site generator. Data flows one way, and no module imports a later one:

    errors, text -> project -> snippet -> article -> runner -> evidence -> render -> cli

``hooks/mkdocs_adapter.py`` is the only file that knows MkDocs.
"""

__version__ = "0.1.0"
