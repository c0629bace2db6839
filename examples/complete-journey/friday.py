#!/usr/bin/env python3
"""Prints what households buy at an hour of the week, from the parquet files alone.

The default is Friday, 16:00 to 20:00 in New York. Counts are baskets that had the item, however many lines. With
--choose it lists the households with the clearest habit at that time, to find examples.
"""

import argparse
import datetime
import sys

import pandas as pd

import truth

DAYS = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]


def at_that_time(rows: pd.DataFrame, day: str, start: int, end: int) -> pd.DataFrame:
    local = rows["local"].dt
    return rows[(local.day_of_week == DAYS.index(day)) & (local.hour >= start) & (local.hour < end)]


def print_household(lines: pd.DataFrame, household: int, arguments, title: str) -> None:
    own = lines[lines["household"] == household]
    then = at_that_time(own, arguments.day, arguments.start, arguments.end)
    visits, visits_then = own["basket"].nunique(), then["basket"].nunique()
    stores = then.groupby("store")["basket"].nunique().sort_values(ascending=False)
    print(f"\nhousehold {household}: {visits} visits, {visits_then} of them on a {arguments.day} from {arguments.start}:00 "
          f"to {arguments.end}:00, most at {stores.index[0] if len(stores) else 'no store'} ({title})")
    counts = pd.DataFrame({
        "then": then.groupby(["item", "category"])["basket"].nunique(),
        "ever": own.groupby(["item", "category"])["basket"].nunique(),
    }).dropna().astype(int)
    counts["share then"] = counts["then"] / max(visits_then, 1)
    counts["share ever"] = counts["ever"] / max(visits, 1)
    counts["last"] = own.groupby(["item", "category"])["local"].max().dt.strftime("%Y-%m-%d")
    counts = counts.sort_values(["then", "ever"], ascending=False).head(arguments.top)
    print(counts.to_string(formatters={"share then": "{:.0%}".format, "share ever": "{:.0%}".format}))


def choose(lines: pd.DataFrame, arguments) -> None:
    """Households that come often at that time, ordered by how much their best item belongs to it."""
    then = at_that_time(lines, arguments.day, arguments.start, arguments.end)
    visits = pd.DataFrame({
        "then": then.groupby("household")["basket"].nunique(),
        "ever": lines.groupby("household")["basket"].nunique(),
    }).dropna()
    visits = visits[(visits["then"] >= 12) & (visits["then"] / visits["ever"] >= 0.15)]
    by_item = then.groupby(["household", "item"])["basket"].nunique().reset_index(name="baskets")
    by_item = by_item[by_item["household"].isin(visits.index)]
    by_item["share"] = by_item["baskets"] / by_item["household"].map(visits["then"])
    best = by_item.sort_values("share", ascending=False).groupby("household").head(3)
    table = best.groupby("household").agg(
        items=("item", ", ".join), shares=("share", lambda shares: ", ".join(f"{share:.0%}" for share in shares)),
        strength=("share", "sum"),
    ).join(visits.astype(int)).sort_values("strength", ascending=False).head(arguments.top)
    print(table.drop(columns="strength").to_string())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("households", nargs="*", type=int, help="whom to print")
    parser.add_argument("--choose", action="store_true", help="list households with a clear habit")
    parser.add_argument("--day", choices=DAYS, default="friday", help="default: %(default)s")
    parser.add_argument("--from", dest="start", type=int, default=16, help="hour, inclusive (default: %(default)s)")
    parser.add_argument("--to", dest="end", type=int, default=20, help="hour, exclusive (default: %(default)s)")
    parser.add_argument("--before", type=datetime.date.fromisoformat,
                        help="only what was bought before this date (New York)")
    parser.add_argument("--top", type=int, default=12, help="rows (default: %(default)s)")
    arguments = parser.parse_args()
    if not arguments.households and not arguments.choose:
        parser.error("name households, or --choose")
    lines = truth.load(arguments.households or None)
    title = "the whole year"
    if arguments.before:
        title = f"before {arguments.before}"
        lines = lines[lines["local"] < pd.Timestamp(arguments.before, tz=truth.ZONE)]
    if arguments.choose:
        choose(lines, arguments)
    for household in arguments.households:
        print_household(lines, household, arguments, title)


if __name__ == "__main__":
    sys.exit(main())
