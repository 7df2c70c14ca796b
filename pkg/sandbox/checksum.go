package sandbox

import (
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"fmt"
	"hash"
	"hash/crc32"
	"hash/crc64"
	"net/http"
	"strings"
)

const checksumHeader = "x-amz-checksum-"

// crc64NVME is the reversed polynomial of CRC-64/NVME, which S3 calls CRC64NVME.
const crc64NVME = 0x9a6c9329ac4bc9b5

// newChecksum returns the hash for the last word of an S3 checksum header. It returns nil for an unknown one.
func newChecksum(algorithm string) hash.Hash {
	switch algorithm {
	case "crc32":
		return crc32.NewIEEE()
	case "crc32c":
		return crc32.New(crc32.MakeTable(crc32.Castagnoli))
	case "crc64nvme":
		return crc64.New(crc64.MakeTable(crc64NVME))
	case "sha1":
		return sha1.New()
	case "sha256":
		return sha256.New()
	case "sha512":
		return sha512.New()
	case "md5":
		return md5.New()
	}
	return nil
}

// faultOfChecksums compares every checksum in the headers and trailers with the data.
func faultOfChecksums(data []byte, headers ...http.Header) *awsError {
	found := 0
	for _, header := range headers {
		for name, values := range header {
			algorithm, ok := strings.CutPrefix(strings.ToLower(name), checksumHeader)
			sum := newChecksum(algorithm)
			if !ok || sum == nil {
				continue
			}
			if found++; found > 1 {
				return invalidRequest("Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.")
			}
			if sent, err := base64.StdEncoding.DecodeString(values[0]); err != nil || len(sent) != sum.Size() {
				return invalidRequest("Value for x-amz-checksum-" + algorithm + " header is invalid.")
			}
			sum.Write(data)
			if base64.StdEncoding.EncodeToString(sum.Sum(nil)) != values[0] {
				return badDigest(strings.ToUpper(algorithm), "calculated checksum")
			}
		}
		if fault := faultOfMD5(data, header.Get("Content-Md5")); fault != nil {
			return fault
		}
	}
	return nil
}

func faultOfMD5(data []byte, sent string) *awsError {
	if sent == "" {
		return nil
	}
	if decoded, err := base64.StdEncoding.DecodeString(sent); err != nil || len(decoded) != md5.Size {
		return &awsError{http.StatusBadRequest, "InvalidDigest", "The Content-MD5 you specified was invalid."}
	}
	if sum := md5.Sum(data); base64.StdEncoding.EncodeToString(sum[:]) != sent {
		return badDigest("Content-MD5", "one we received")
	}
	return nil
}

func invalidRequest(message string) *awsError {
	return &awsError{http.StatusBadRequest, "InvalidRequest", message}
}

func badDigest(name, other string) *awsError {
	return &awsError{http.StatusBadRequest, "BadDigest", fmt.Sprintf("The %s you specified did not match the %s.", name, other)}
}

// moveChecksums removes the checksums from the request and adds them to the response, as S3 does. In the request,
// storage would store them and return them even for a part of the object. It reports whether there were any.
func moveChecksums(from []http.Header, answer http.Header) (moved bool) {
	for _, header := range from {
		for name, values := range header {
			if strings.HasPrefix(strings.ToLower(name), checksumHeader) {
				if newChecksum(strings.ToLower(name)[len(checksumHeader):]) != nil {
					answer[name], moved = values, true
				}
				delete(header, name)
			}
		}
	}
	return moved
}

// addChecksum adds the checksum that S3 computes for an object that was sent without one.
func addChecksum(data []byte, answer http.Header) {
	sum := newChecksum("crc64nvme")
	sum.Write(data)
	answer.Set(checksumHeader+"crc64nvme", base64.StdEncoding.EncodeToString(sum.Sum(nil)))
	answer.Set("x-amz-checksum-type", "FULL_OBJECT")
}
