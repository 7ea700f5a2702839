"""The demonstration: five invented supply chains, posted through the real API at a pinned date, on real risk lists.

It is a face like the command line: it talks to the application over HTTP requests in this process, with signatures, API
keys and passwords like anybody else, and knows nothing of what the rules will say.
"""
