# SPDX-License-Identifier: MIT
# fetchpool
"""A worker of fetchpool in Python, written as the README shows.

usage: fetchpool --exec 'page_worker.py words|links|readme'

At its end, the worker writes its processor time to the file that the variable WORKER_COST names, if it is set.
"""

import os
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from fetchpool_worker import serve

from page_functions import FUNCTIONS

if sys.argv[1] == "readme":
    serve(lambda response: {"words": len(response.text.split())})
else:
    function = FUNCTIONS[sys.argv[1]]
    serve(lambda response: function(response.body))

if "WORKER_COST" in os.environ:
    with open(os.environ["WORKER_COST"], "w") as file:
        file.write(str(time.process_time()))
