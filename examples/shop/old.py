"""The old shop: one process, one store.

python -m shop.old --port 9001 --data data
"""

from shop.builds import BUILDS
from shop.catalog import Catalog
from shop.database import connect
from shop.process import arguments, serve
from shop.tax import TaxOffice
from shop.till import Till
from shop.web import storefront


def main() -> None:
    """Serves the whole shop from old.db."""
    options = arguments(__doc__).parse_args()
    store = connect(options.data / "old.db")
    catalog = Catalog(store)
    till = Till(store, catalog=catalog, tax=TaxOffice(), build=BUILDS["good"])
    serve(storefront(catalog, till), port=options.port, parent=options.parent)


if __name__ == "__main__":
    main()
