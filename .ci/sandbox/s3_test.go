//go:build integration

package sandbox

import (
	"bytes"
	"io"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"testing"
)

// bytesOf returns reproducible, incompressible data.
func bytesOf(size int) []byte {
	b := make([]byte, size)
	_, _ = rand.NewChaCha8([32]byte{1}).Read(b)
	return b
}

// The AWS CLI writes 100 MiB in parts and reads it in ranges.
func TestAWSCopiesAByteForByte(t *testing.T) {
	const size = 100 << 20
	overBoth(t, func(c *cloud) {
		keys, content := c.keys(), bytesOf(size)
		url := "s3://" + bucket + "/" + c.prefixOf("alice")
		c.must(os.WriteFile(c.path("up.bin"), content, 0o600))
		c.aws(keys, "s3", "cp", "--no-progress", c.path("up.bin"), url)
		if listed := c.aws(keys, "s3", "ls", url); !strings.Contains(listed, " "+strconv.Itoa(size)+" up.bin\n") {
			c.t.Errorf("`aws s3 ls` says %q", listed)
		}
		c.aws(keys, "s3", "cp", "--no-progress", url+"up.bin", c.path("down.bin"))
		got, err := os.ReadFile(c.path("down.bin"))
		c.must(err)
		if !bytes.Equal(got, content) {
			c.t.Errorf("%d bytes read differ from the %d written", len(got), len(content))
		}
		c.wantLogged("UploadPart")
		c.aws(keys, "s3", "rm", url+"up.bin")
		if listed := c.tryAWS(keys, "s3", "ls", url); listed.code != 1 || listed.stdout+listed.stderr != "" {
			c.t.Errorf("after `aws s3 rm`, `aws s3 ls`: %s\nwant 1, which means that there is nothing", listed)
		}
	})
}

func TestAWSIsRefusedElsewhere(t *testing.T) {
	overBoth(t, func(c *cloud) {
		keys, file := c.keys(), c.write("home/hello.txt", "hello")
		for _, url := range []string{"s3://" + bucket + "/" + c.prefixOf("bob"), "s3://" + bucket + "/"} {
			c.wantRefused("AccessDenied", keys, "s3", "cp", file, url+"hello.txt")
			c.wantRefused("AccessDenied", keys, "s3", "ls", url)
		}
		c.wantRefused("AccessDenied", keys, "s3", "mb", "s3://another")
		c.wantRefused("SignatureDoesNotMatch", append(keys, "AWS_SECRET_ACCESS_KEY=another"), "s3", "ls", "s3://"+bucket+"/"+c.prefixOf("alice"))
		c.wantRefused("AccessDenied", nil, "s3", "ls", "--no-sign-request", "s3://"+bucket+"/"+c.prefixOf("alice"))
	})
}

func TestPresignedByAWS(t *testing.T) {
	overBoth(t, func(c *cloud) {
		keys, url := c.keys(), "s3://"+bucket+"/"+c.prefixOf("alice")+"hello ünï & co.txt"
		c.aws(keys, "s3", "cp", c.write("home/hello.txt", "hello"), url)
		signed := strings.TrimSpace(c.aws(keys, "s3", "presign", url))
		if got, status := c.get(signed); got != "hello" || status != 200 {
			c.t.Errorf("the presigned URL gives %d, %.300q; want 200, hello", status, got)
		}
		if got, status := c.get(strings.Replace(signed, "hello", "hallo", 1)); status != 403 || !strings.Contains(got, "SignatureDoesNotMatch") {
			c.t.Errorf("the signature for another key gives %d, %.300q; want 403, SignatureDoesNotMatch", status, got)
		}
	})
}

func (c *cloud) get(url string) (body string, status int) {
	c.t.Helper()
	resp, err := c.client().Get(url)
	c.must(err)
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	c.must(err)
	return string(text), resp.StatusCode
}
