/** The app as it is deployed: every function, registered. One trigger a file; what is heavy is loaded when it is needed. */
import './audit.ts';
import './deliver-alert.ts';
import './evaluate-deployment.ts';
import './health.ts';
import './on-queued-change.ts';
import './on-resource-change.ts';
import './poison.ts';
import './replay.ts';
import './status.ts';
import './sweep.ts';
import './trace.ts';
