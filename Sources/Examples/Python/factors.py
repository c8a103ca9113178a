# SPDX-License-Identifier: MIT
# fetchpool

# factors.py
from fetchpool_worker import TaskFailure, serve

def parse(response):
    number, factor, factors = int(response.text), 2, []
    if number < 2:
        raise TaskFailure("the page holds no number above 1")
    while factor * factor <= number:
        while number % factor == 0:
            factors.append(factor)
            number //= factor
        factor += 1
    return {"factors": factors + [number] if number > 1 else factors}

serve(parse)
