# SPDX-License-Identifier: MIT
"""The generator of streams: written from the format notes, sharing nothing with the parser."""
