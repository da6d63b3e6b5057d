"""Colours below transparent pixels, which nobody sees but a network does."""

from dataclasses import replace

from scipy import ndimage

from sr.photos.photo import Photo


def with_visible_colours(image: Photo) -> Photo:
    """The photo with the colour of the nearest visible pixel wherever alpha is 0.

    Programs leave anything there, mostly black, and enlarged it would run into what is seen.
    """
    if image.alpha is None:
        return image
    clear = image.alpha == 0
    if not clear.any() or clear.all():
        return image
    rows, columns = ndimage.distance_transform_edt(clear, return_distances=False, return_indices=True)
    return replace(image, pixels=image.pixels[rows, columns])
