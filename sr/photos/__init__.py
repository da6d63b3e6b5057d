"""What `sr upscale` needs beside a generator: files, depths, metadata, folders."""
