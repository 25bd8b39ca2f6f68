#!/usr/bin/env python3
"""embed_page.py FILE...: prints C: the page's files, each as the path at which it is served and its bytes."""
import pathlib
import sys

print("/* Made by tools/embed_page.py. */")
print('#include "serve/front/front_page.h"\n')
files = [pathlib.Path(name) for name in sys.argv[1:]]
for i, file in enumerate(files):
    print(f"static const unsigned char file_{i}[] = {{{','.join(map(str, file.read_bytes()))}}};")
print("const struct page_file page_files[] = {")
for i, file in enumerate(files):
    path = "/" if file.name == "index.html" else "/" + file.name
    print(f'    {{"{path}", file_{i}, sizeof file_{i}}},')
print("    {0, 0, 0},\n};")
