// What arrived of a reply that is streamed from the access log, whole or cut: the events that its whole lines tell of, held
// against the log.
import { mediaType } from './contract.mjs'

// The events of a reply as {id, operation, outcome, subjectId}, as far as its form tells; undefined of a reply that is no
// stream. A line that was cut is left out.
export function streamed({ status, headers, text }) {
  const read = status === 200 && READERS[mediaType({ headers })]
  return read ? read(text.split('\n').slice(0, -1))?.filter(event => event.id) : undefined
}

const READERS = {
  'application/x-ndjson': lines => lines.map(line => told(JSON.parse(line))),
  'text/csv': ([head, ...lines]) => lines.map(line => ({ id: line.split(',')[head.split(',').indexOf('id')] })),
  'application/json': lines => (/"accessEvents":\[$/.test(lines[0] ?? '') ? lines.slice(1).filter(line => line.startsWith('{')).map(line => told(JSON.parse(line.replace(/,$/, '')))) : undefined)
}

const told = ({ id, logId, event, operation, outcome, activity, subjectId }) =>
  ({ id: id ?? logId ?? event?.id, operation: operation ?? activity?.activityLevel, outcome, subjectId })

// What of it is not in the log, is there otherwise, or may not stand in what this row tells of.
export function streamFaults(lines, row, log) {
  return lines.flatMap(line => {
    const event = log.get(line.id)
    if (!event) return [`told of the event ${line.id}, which is not in the log`]
    const seen = !row.organisation_id || [event.organisation_id, ...event.concerned_ids].includes(row.organisation_id)
    return [
      ...seen ? [] : [`told ${row.organisation_id} of the event ${line.id}, which does not concern it`],
      ...line.operation === undefined || line.operation === event.operation ? [] : [`told of the event ${line.id} as ${line.operation}, and it is ${event.operation}`],
      ...line.outcome === undefined || line.outcome === event.outcome ? [] : [`told of the event ${line.id} as ${line.outcome}`],
      ...line.subjectId === undefined || row.subject_ids.includes(line.subjectId) ? [] : [`told of the child ${line.subjectId}, whom the log does not name`]
    ]
  })
}
