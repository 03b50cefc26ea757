// Catches what breaks while the replay is drawn, so that the list stays.
import { Component, type ReactNode } from "react";

interface Props {
  /** Which session is drawn; another one is tried anew. */
  of: string;
  /** Null where there is nothing to go back to. */
  close: (() => void) | null;
  children: ReactNode;
}

export class Failsafe extends Component<Props, { failure: string | null }> {
  override state = { failure: null as string | null };

  static getDerivedStateFromError(error: unknown): { failure: string } {
    return { failure: error instanceof Error ? error.message : String(error) };
  }

  override componentDidUpdate(before: Props): void {
    if (before.of !== this.props.of && this.state.failure !== null) this.setState({ failure: null });
  }

  override render(): ReactNode {
    if (this.state.failure === null) return this.props.children;
    return (
      <div className="whole failsafe" role="alert">
        <div className="notice">
          <p className="notice-title">The replay could not be opened</p>
          <p>{this.state.failure}</p>
          {this.props.close !== null && (
            <button type="button" className="button" onClick={this.props.close}>
              Back to the sessions
            </button>
          )}
        </div>
      </div>
    );
  }
}
