package sandbox

import (
	"encoding/xml"
	"net/http"
)

// maxDeleted is the maximum number of keys in one DeleteObjects request.
const maxDeleted = 1000

type deleteXML struct {
	XMLName xml.Name `xml:"Delete"`
	Quiet   bool
	Objects []struct {
		Key       string
		VersionID string `xml:"VersionId"`
	} `xml:"Object"`
}

// deletedXML is the response of DeleteObjects.
type deletedXML struct {
	XMLName xml.Name       `xml:"http://s3.amazonaws.com/doc/2006-03-01/ DeleteResult"`
	Deleted []deletedKey   `xml:"Deleted"`
	Errors  []undeletedKey `xml:"Error"`
}

type deletedKey struct{ Key string }

type undeletedKey struct{ Key, Code, Message string }

// deleteObjects evaluates the policies for each key. Refused keys are listed as errors in the response.
func (s *S3) deleteObjects(w http.ResponseWriter, v s3Request, body []byte) *awsError {
	var in deleteXML
	if xml.Unmarshal(body, &in) != nil || len(in.Objects) == 0 || len(in.Objects) > maxDeleted {
		return malformedXML()
	}
	s.count(v.name)
	var out deletedXML
	for _, object := range in.Objects {
		action := "s3:DeleteObject"
		if object.VersionID != "" {
			action = versioned[action]
		}
		if fault := v.refusal(permission{action, v.arn(v.bucket) + "/" + object.Key}); fault != nil {
			out.Errors = append(out.Errors, undeletedKey{object.Key, fault.Code, fault.Message})
			continue
		}
		s.memory.DeleteObject(v.bucket, object.Key)
		if !in.Quiet {
			out.Deleted = append(out.Deleted, deletedKey{object.Key})
		}
	}
	writeS3(w, out)
	return nil
}
