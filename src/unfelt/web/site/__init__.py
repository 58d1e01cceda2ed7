"""The site: addresses, settings and API, put together from what is registered."""

NAME = "site"
PARTS = {"pages": "unfelt.web.site.search"}
