# A program with boto3 that does not know daypass: caller.py SECONDS, like go/main.go. Debian's boto3 does not read
# AWS_ENDPOINT_URL_STS.
import os
import sys
import time

import boto3

session = boto3.session.Session()
client = session.client("sts", endpoint_url=os.environ["AWS_ENDPOINT_URL_STS"])
end = time.time() + float(sys.argv[1])
while time.time() < end:
    client.get_caller_identity()
    print(session.get_credentials().get_frozen_credentials().access_key)
    time.sleep(1)
