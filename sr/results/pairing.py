"""Which trainings can be held against each other seed by seed.

A batch is a function of seed and step, and a start is the same for all seeds; so two recipes that draw the
same crops from the same set and begin with the same generator have most of their chance in common where their
seeds are the same.
"""

from sr.errors import InputError
from sr.recipes.recipe import load_recipe
from sr.results.source import Kind, Source

_ORDER_OF_DATA = ("batch", "patch", "sampling", "distinct_images", "augmentation")


def are_paired(one: Source, other: Source) -> bool:
    """Whether two trainings with the same seed see the same crops in the same order and begin alike."""
    if {one.kind, other.kind} != {Kind.TRAINED}:
        return False
    if (one.budget, one.training_set) != (other.budget, other.training_set):
        return False
    return one.name == other.name or _share_chance(one.name, other.name)


def _share_chance(one: str, other: str) -> bool:
    try:
        left, right = load_recipe(one), load_recipe(other)
    except InputError:
        # A recipe that is no longer there: nothing is known of its data and its start.
        return False
    same_order = all(getattr(left, name) == getattr(right, name) for name in _ORDER_OF_DATA)
    # From scratch, networks of one kind begin with the same random weights.
    begin_alike = left.start == right.start and (left.start is not None or left.generator == right.generator)
    return same_order and begin_alike
