"""Pages that stand alone: HTML in one file, without anything from elsewhere."""

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from unfelt.conf.language import _, language, ngettext


def page(template: str, **values: object) -> str:
    """The template in the language in force; every value is escaped."""
    templates = Environment(
        loader=PackageLoader("unfelt.web.printed"),
        autoescape=select_autoescape(),
        undefined=StrictUndefined,
        trim_blocks=True,
    )
    lang = "zh" if language() == "zh-hans" else "en"
    return templates.get_template(template).render(_=_, ngettext=ngettext, lang=lang, **values)
