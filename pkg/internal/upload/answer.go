package upload

import (
	"context"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"hash"
	"hash/crc32"
	"hash/crc64"
	"io"
	"net/http"
	"strings"
	"sync/atomic"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/s3/transfermanager"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// AnswerError is a response with a success status that does not confirm that the file was stored.
type AnswerError struct {
	// Operation is S3's name of the request, such as "PutObject".
	Operation string
	// Problem completes «the server answered Operation with success, but …».
	Problem string
	// Damaged says that the server stored something else than the file.
	Damaged bool
}

// Error returns the operation and the problem.
func (e *AnswerError) Error() string {
	return "the server answered " + e.Operation + " with success, but " + e.Problem
}

// confirmation is what a successful response says about the stored data. A field is nil if the response lacks it.
type confirmation struct {
	operation        string
	etag             *string
	crc32, crc64NVME *string
}

// check returns an error if the response does not confirm the request, and reports whether a checksum confirmed it.
// matches compares a checksum with the sent data; required says that the response must have one.
func (a confirmation) check(required bool, matches func(newSum func() hash.Hash, got string) bool) (bool, error) {
	var matched bool
	switch {
	case aws.ToString(a.etag) == "":
		return false, &AnswerError{Operation: a.operation, Problem: "without an ETag"}
	case a.crc32 != nil:
		matched = matches(newCRC32, *a.crc32)
	case a.crc64NVME != nil && !required: // S3 adds it if the request had no checksum
		matched = matches(newCRC64NVME, *a.crc64NVME)
	case required:
		return false, &AnswerError{Operation: a.operation, Problem: "without the checksum that was sent"}
	default:
		return false, nil
	}
	if !matched {
		return false, &AnswerError{Operation: a.operation, Problem: "with the checksum of other content", Damaged: true}
	}
	return true, nil
}

func newCRC32() hash.Hash     { return crc32.NewIEEE() }
func newCRC64NVME() hash.Hash { return crc64.New(crc64.MakeTable(0x9a6c9329ac4bc9b5)) }

// bodyMatches returns a function that compares a checksum with that of a request's body, which the transfer manager has
// in memory.
func bodyMatches(body io.Reader) func(func() hash.Hash, string) bool {
	return func(newSum func() hash.Hash, got string) bool {
		sum := newSum()
		content, ok := body.(io.ReadSeeker)
		if !ok {
			return false
		}
		if _, err := content.Seek(0, io.SeekStart); err != nil {
			return false
		}
		if _, err := io.Copy(sum, content); err != nil {
			return false
		}
		return base64.StdEncoding.EncodeToString(sum.Sum(nil)) == got
	}
}

// checkedS3 is the client of one upload. It returns an error for a response that does not confirm its request.
type checkedS3 struct {
	transfermanager.S3APIClient
	file *steadyFile
	// atAWS requires a checksum in every response.
	atAWS bool
	// unconfirmed is set when a response lacks the checksum of the body.
	unconfirmed atomic.Bool
	// incomplete is why a multipart upload was not completed.
	incomplete error
}

func (c *checkedS3) checkBody(a confirmation, body io.Reader) error {
	confirmed, err := a.check(c.atAWS, bodyMatches(body))
	if !confirmed {
		c.unconfirmed.Store(true)
	}
	return err
}

// PutObject implements transfermanager.S3APIClient.
func (c *checkedS3) PutObject(ctx context.Context, in *s3.PutObjectInput, o ...func(*s3.Options)) (*s3.PutObjectOutput, error) {
	out, err := c.S3APIClient.PutObject(ctx, in, o...)
	if err != nil {
		return nil, err
	}
	return out, c.checkBody(confirmation{"PutObject", out.ETag, out.ChecksumCRC32, out.ChecksumCRC64NVME}, in.Body)
}

// CreateMultipartUpload implements transfermanager.S3APIClient.
func (c *checkedS3) CreateMultipartUpload(ctx context.Context, in *s3.CreateMultipartUploadInput, o ...func(*s3.Options)) (*s3.CreateMultipartUploadOutput, error) {
	out, err := c.S3APIClient.CreateMultipartUpload(ctx, in, o...)
	if err == nil && aws.ToString(out.UploadId) == "" {
		err = &AnswerError{Operation: "CreateMultipartUpload", Problem: "without an upload ID"}
	}
	return out, err
}

// UploadPart implements transfermanager.S3APIClient.
func (c *checkedS3) UploadPart(ctx context.Context, in *s3.UploadPartInput, o ...func(*s3.Options)) (*s3.UploadPartOutput, error) {
	out, err := c.S3APIClient.UploadPart(ctx, in, o...)
	if err != nil {
		return nil, err
	}
	return out, c.checkBody(confirmation{"UploadPart", out.ETag, out.ChecksumCRC32, out.ChecksumCRC64NVME}, in.Body)
}

// CompleteMultipartUpload implements transfermanager.S3APIClient. It stores an error in incomplete and does not return it:
// the transfer manager would write it to the standard logger, which is stderr.
func (c *checkedS3) CompleteMultipartUpload(ctx context.Context, in *s3.CompleteMultipartUploadInput, o ...func(*s3.Options)) (*s3.CompleteMultipartUploadOutput, error) {
	out, err := c.S3APIClient.CompleteMultipartUpload(ctx, in, o...)
	if err == nil {
		// The CRC64NVME that S3 adds cannot be checked: it is that of the whole file.
		_, err = confirmation{"CompleteMultipartUpload", out.ETag, out.ChecksumCRC32, nil}.check(c.atAWS, c.wholeMatches(in))
	}
	if err != nil {
		c.incomplete = c.abort(in, err)
		return &s3.CompleteMultipartUploadOutput{}, nil
	}
	return out, nil
}

// wholeMatches returns a function that compares the checksum of a multipart upload. It is the CRC32 of the whole file, or
// the CRC32 of the parts' CRC32s followed by "-" and the number of parts.
func (c *checkedS3) wholeMatches(in *s3.CompleteMultipartUploadInput) func(func() hash.Hash, string) bool {
	return func(_ func() hash.Hash, got string) bool {
		ofParts := crc32.NewIEEE()
		for _, part := range in.MultipartUpload.Parts {
			sum, _ := base64.StdEncoding.DecodeString(aws.ToString(part.ChecksumCRC32))
			ofParts.Write(sum)
		}
		got, _, _ = strings.Cut(got, "-")
		return got == encodeCRC32(ofParts.Sum32()) || got == encodeCRC32(c.file.crc32)
	}
}

func encodeCRC32(sum uint32) string {
	return base64.StdEncoding.EncodeToString(binary.BigEndian.AppendUint32(nil, sum))
}

// abort deletes the parts of an upload that was not completed. It returns cause, with its own error if that fails.
func (c *checkedS3) abort(in *s3.CompleteMultipartUploadInput, cause error) error {
	ctx, cancel := context.WithTimeout(context.Background(), failTimeout)
	defer cancel()
	_, err := c.S3APIClient.AbortMultipartUpload(ctx, &s3.AbortMultipartUploadInput{Bucket: in.Bucket, Key: in.Key, UploadId: in.UploadId})
	if status := statusOf(err); err != nil && status != http.StatusNotFound { // 404: there are no parts
		return fmt.Errorf("%v; its parts could not be deleted, upload ID %s: %v", cause, aws.ToString(in.UploadId), err)
	}
	return cause
}

// errNoChecksums and errNotVerified are warnings about an S3 server that is not AWS's.
var (
	errNoChecksums = errors.New("the S3 server does not return checksums: only the size of uploaded files was verified")
	errNotVerified = errors.New("the S3 server returns neither checksums nor sizes: uploads are not verified")
)

// checkSize compares the size of an object that no checksum confirmed. It warns once per Uploader.
func (u *Uploader) checkSize(ctx context.Context, key string, object *Object) error {
	in := &s3.HeadObjectInput{Bucket: aws.String(u.Bucket), Key: aws.String(key)}
	if object.VersionID != "" {
		in.VersionId = aws.String(object.VersionID)
	}
	out, err := u.client.HeadObject(ctx, in)
	switch status := statusOf(err); {
	case status == http.StatusNotFound:
		return &AnswerError{Operation: "the upload", Problem: "then has no such object"}
	case status >= http.StatusBadRequest && status < http.StatusInternalServerError: // the policy may allow no read access
		u.warnOnce(errNotVerified)
		return nil
	case err != nil:
		return err
	case aws.ToInt64(out.ContentLength) != object.Size:
		return &AnswerError{Operation: "the upload", Damaged: true,
			Problem: fmt.Sprintf("stored %d bytes of %d", aws.ToInt64(out.ContentLength), object.Size)}
	}
	u.warnOnce(errNoChecksums)
	return nil
}

func (u *Uploader) warnOnce(err error) {
	if u.Warn != nil {
		u.warned.Do(func() { u.Warn(err) })
	}
}

// statusOf returns the HTTP status of the response that err is about, or 0.
func statusOf(err error) int {
	if response, ok := errors.AsType[*smithyhttp.ResponseError](err); ok {
		return response.HTTPStatusCode()
	}
	return 0
}
