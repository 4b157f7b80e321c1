"""The sites' pictures: quiet landscapes drawn from a number, so that pages have something to show."""

from hashlib import blake2b


def landscape(number: int) -> str:
    """Return an SVG picture; the same number always gives the same one."""
    draw = blake2b(f"landscape {number}".encode(), digest_size=8).digest()
    hue = draw[0] * 360 // 256
    sun_x, sun_y, sun = 120 + draw[1] * 2, 70 + draw[2] // 3, 28 + draw[3] // 8
    far = " ".join(f"{x},{210 + draw[x // 160 % 8] // 3}" for x in range(0, 801, 160))
    near = " ".join(f"{x},{300 + draw[(x // 160 + 3) % 8] // 4}" for x in range(0, 801, 160))
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 800 450" width="800" height="450">'
        f'<rect width="800" height="450" fill="hsl({hue} 45% 82%)"/>'
        f'<circle cx="{sun_x}" cy="{sun_y}" r="{sun}" fill="hsl({(hue + 40) % 360} 80% 92%)"/>'
        f'<polygon points="0,450 {far} 800,450" fill="hsl({hue} 30% 58%)"/>'
        f'<polygon points="0,450 {near} 800,450" fill="hsl({hue} 35% 36%)"/>'
        "</svg>"
    )
