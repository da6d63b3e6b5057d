"""Generators, discriminators and feature networks, one file each. A recipe's settings build them."""

from typing import Annotated

from pydantic import Field

from sr.networks.enhancenet import EnhanceNetSettings
from sr.networks.gmgan_generator import GMGANGeneratorSettings
from sr.networks.lapsrn import LapSRNSettings
from sr.networks.msrresnet import MSRResNetSettings
from sr.networks.rrdb import RRDBSettings
from sr.networks.srcnn import SRCNNSettings
from sr.networks.srgan_discriminator import SRGANDiscriminatorSettings
from sr.networks.srresnet import SRResNetSettings
from sr.networks.swinir import SwinIRSettings
from sr.networks.vgg_style_discriminator import VGGStyleDiscriminatorSettings

# The key `network` tells them apart.
GeneratorSettings = Annotated[
    SRResNetSettings | MSRResNetSettings | RRDBSettings | GMGANGeneratorSettings | SwinIRSettings,
    Field(discriminator="network"),
]
# Methods that papers compare with; they serve the weights that their authors released, and no recipe.
ReferenceSettings = Annotated[
    SRCNNSettings | LapSRNSettings | EnhanceNetSettings, Field(discriminator="network")
]
NetworkSettings = Annotated[GeneratorSettings | ReferenceSettings, Field(discriminator="network")]
DiscriminatorSettings = Annotated[
    SRGANDiscriminatorSettings | VGGStyleDiscriminatorSettings, Field(discriminator="network")
]
