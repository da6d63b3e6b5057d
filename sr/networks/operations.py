"""How much arithmetic a network's definition asks for."""

import torch


def forward_operations(network: torch.nn.Module, images: torch.Tensor) -> int:
    """Floating point operations of all convolutions and matrix products in one forward pass.

    A multiplication and an addition count as two; biases, activations, normalisations and interpolations
    do not count. On the meta device only shapes are computed.
    """
    # Here, since it brings a compiler for GPUs along, which a plan need not wait for.
    from torch.utils.flop_counter import FlopCounterMode

    with FlopCounterMode(display=False) as counter, torch.no_grad():
        network(images)
    return int(counter.get_total_flops())
