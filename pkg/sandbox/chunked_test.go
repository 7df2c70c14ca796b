package sandbox

import (
	"strings"
	"testing"
)

// For any input, reading ends without a panic and within the limit, and refuses what is not signed.
func FuzzChunkedBody(f *testing.F) {
	f.Add("5\r\nhello\r\n0\r\nx-amz-checksum-crc32:NhCmhg==\r\n\r\n")
	f.Add("0\r\n\r\n")
	f.Add("0;chunk-signature=00\r\n\r\n")
	f.Add("-1\r\n")
	f.Add("7fffffffffffffff\r\nx")
	f.Add("2\r\nhe\r\n3\nllo\n0")
	f.Fuzz(func(t *testing.T, body string) {
		const limit = 1 << 10
		if data, _, err := newChunkedBody(strings.NewReader(body), streamingUnsigned, signature{}, limit).read(); err == nil && len(data) > limit {
			t.Errorf("%q: %d bytes, limit %d", body, len(data), limit)
		}
		sig := signature{key: []byte("key"), value: "seed"}
		if _, _, err := newChunkedBody(strings.NewReader(body), streamingSigned, sig, limit).read(); err == nil {
			t.Errorf("%q is accepted without a signature", body)
		}
	})
}
