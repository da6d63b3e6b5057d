"""A run.json made up for tests: everything that a finished run says, with what a test changes of it."""

from typing import Any


def make_record(recipe_name: str = "srgan/srresnet_mse", **changes: Any) -> dict[str, Any]:
    """The record of a run that began at 20 dB and reached 30."""
    record = {
        "recipe_name": recipe_name,
        "budget": "demo",
        "training_set": "embedded_train",
        "seed": 0,
        "deviations": [],
        "status": "finished",
        "validation": {
            "benchmark": "embedded",
            "psnr": 30.0,
            "lpips": 0.2,
            "start_psnr": 20.0,
            "start_lpips": 0.4,
            "bicubic_psnr": 28.5,
            "bicubic_lpips": 0.35,
            "lpips_unavailable": None,
        },
        "seconds": 60.0,
        "images_per_second": 8.0,
        "peak_memory_bytes": 10**9,
        "parameters": {"generator": 1000, "discriminator": None},
        "recipe": {
            "title": "SRResNet",
            "start": None,
            "schedule": {"iterations": 100},
            "generator": {"network": "srresnet"},
        },
        "provenance": {"code": ["0123456789abcdef"], "torch": "2"},
    }
    return record | changes
