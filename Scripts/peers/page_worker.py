# SPDX-License-Identifier: MIT
# fetchpool
"""A worker of fetchpool in Python, written as the README shows.

usage: fetchpool --exec 'page_worker.py words|links|readme'
"""

import os
import sys

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from fetchpool_worker import serve

from page_functions import FUNCTIONS

if sys.argv[1] == "readme":
    serve(lambda response: {"words": len(response.text.split())})
else:
    function = FUNCTIONS[sys.argv[1]]
    serve(lambda response: function(response.body))
