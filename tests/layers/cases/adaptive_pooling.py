"""AdaptiveAveragePooling and AdaptiveMaxPooling of Keras 3, over one to three axes."""

from . import case

ROWS = []
for name in ("Average", "Max"):
    for suffix, size, shape in (
        ("1d", 3, (2, 8, 2)),
        ("1d_whole_factor", 4, (2, 8, 2)),
        ("1d_larger", 7, (2, 5, 2)),
        ("1d_nearly_all", 4, (2, 5, 2)),
        ("2d", 2, (2, 5, 7, 3)),
        ("2d_unequal", (3, 4), (2, 7, 9, 2)),
        ("2d_larger", (5, 3), (2, 3, 5, 2)),
        ("3d", (2, 3, 2), (2, 5, 4, 3, 2)),
    ):
        layer = f"Adaptive{name}Pooling{suffix[0]}D"
        ROWS.append(
            case(
                f"{name.lower()}{suffix}",
                lambda k, n=layer, s=size: getattr(k.layers, n)(s),
                shape,
                dialects=(3,),
            )
        )
        if "_" not in suffix:
            turned = (shape[0], shape[-1], *shape[1:-1])
            ROWS.append(
                case(
                    f"{name.lower()}{suffix}_first",
                    lambda k, n=layer, s=size: getattr(k.layers, n)(s, data_format="channels_first"),
                    turned,
                    dialects=(3,),
                )
            )
CASES = ROWS
